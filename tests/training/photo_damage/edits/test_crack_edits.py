import numpy as np

from training.photo_damage.edits.crack_edits import tube_cracked, tube_dented

SEEDS = range(6)


def test_cracks_are_dark_or_open_on_the_tube(layers, drawn_bike, material):
    for seed in SEEDS:
        damage = tube_cracked(layers, drawn_bike.parts, material, np.random.default_rng(seed))
        on_tube = damage.mask & (layers.alpha > 0.9)
        is_dark = damage.layers.colour.max(axis=2) < 0.15
        is_open = damage.layers.alpha < 0.5
        assert (on_tube & (is_dark | is_open)).sum() >= 8
        assert (damage.layers.alpha <= layers.alpha + 1e-6).all()


def test_a_dent_takes_a_bite_out_of_the_outline(layers, drawn_bike, material):
    for seed in SEEDS:
        damage = tube_dented(layers, drawn_bike.parts, material, np.random.default_rng(seed))
        assert (layers.alpha - damage.layers.alpha > 0.4).sum() >= 4
        assert (damage.layers.alpha <= layers.alpha + 1e-6).all()
        assert damage.layers.alpha.sum() > 0.97 * layers.alpha.sum()
