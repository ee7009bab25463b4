"""Which fittings go with which type of bike, and how often: no rack on a BMX, no kickstand on a road bike."""

import numpy as np

from training.synthetic_bikes.measures import BikeDesign

__all__ = ["draw_fittings"]

# How often a bike of the type has what the field says; what is not listed stays as in BIKE_TYPES.
SHARES = {
    "bmx": {"has_pegs": 0.4, "has_reflectors": 0.1},
    "city": {
        "has_tyre_stripes": 0.6,
        "has_mudguards": 0.85, "has_rack": 0.65, "has_chain_guard": 0.55, "has_basket": 0.25, "has_lamps": 0.8,
        "has_frame_lock": 0.45, "has_bell": 0.7, "has_reflectors": 0.6,
    },
    "folding": {"has_mudguards": 0.85, "has_rack": 0.4, "has_stand": 0.8, "has_lamps": 0.5, "has_bell": 0.6,
                "has_reflectors": 0.6},
    "full_suspension": {"has_bottle_cage": 0.3, "has_bottle": 0.5},
    "kids": {"has_mudguards": 0.6, "has_chain_guard": 0.85, "has_basket": 0.35, "has_bell": 0.7, "has_stand": 0.6,
             "has_reflectors": 0.7},
    "mountain": {"has_bottle_cage": 0.6, "has_bottle": 0.5, "has_stand": 0.1, "has_reflectors": 0.3, "has_bell": 0.2},
    "road": {"has_bottle_cage": 0.85, "has_bottle": 0.5},
    "step_through": {
        "has_tyre_stripes": 0.6,
        "has_mudguards": 0.95, "has_rack": 0.8, "has_basket": 0.5, "has_lamps": 0.85, "has_frame_lock": 0.5,
        "has_reflectors": 0.6,
    },
    "trekking": {
        "has_tyre_stripes": 0.6,
        "has_mudguards": 0.75, "has_rack": 0.7, "has_stand": 0.8, "has_lamps": 0.7, "has_frame_lock": 0.25,
        "has_bottle_cage": 0.6, "has_bottle": 0.4, "has_bell": 0.6, "has_reflectors": 0.7,
    },
}  # fmt: skip
CHILD_SEAT_SHARE = 0.15  # of the bikes with a rack
LARGEST_STABILISED = 0.31  # metres of bead seat: 16 inches


def draw_fittings(design: BikeDesign, rng: np.random.Generator) -> dict:
    """Values for fields of the design."""
    chosen: dict = {name: bool(rng.random() < share) for name, share in SHARES[design.bike_type].items()}
    chosen["has_bottle"] = chosen.get("has_bottle", False) and chosen.get("has_bottle_cage", False)
    if design.bike_type in ("city", "step_through", "trekking"):
        chosen["has_child_seat"] = chosen["has_rack"] and bool(rng.random() < CHILD_SEAT_SHARE)
    chosen |= {
        "mudguard": _pick(rng, "mudguard", "black_plastic", "black_plastic", "chrome"),
        "rack": _pick(rng, "black_metal", "galvanised"),
        "basket": _pick(rng, "black_metal", "galvanised", "wicker"),
        "bottle": _pick(rng, "white_plastic", "red_plastic", "black_plastic", "sky_paint"),
        "luggage": _pick(rng, "dark_cloth", "dark_cloth", "cloth", "red_paint", "navy_paint", "canvas"),
        "crate": _pick(rng, "crate_plastic", "black_plastic", "grey_plastic", "red_paint", "green_paint", "wicker"),
        "spoke": _pick(rng, "spoke_steel", "black_metal") if design.rim == "black_rim" else "spoke_steel",
        "helmet": _pick(rng, "white_plastic", "black_metal", "grey_plastic", "red_paint", "sky_paint", "navy_paint"),
        "saddle_cover": _pick(rng, "cover_cloth", "black_plastic", "white_plastic", "red_paint", "grey_plastic"),
        "reflector": _pick(rng, "amber", "white_plastic"),
    }
    return {**chosen, **_OF_TYPE[design.bike_type](rng, design)}


def _bmx(rng: np.random.Generator, design: BikeDesign) -> dict:
    return {"rim": _pick(rng, "black_rim", "aluminium", "chrome"), "metal": _pick(rng, "black_metal", "chrome")}


def _city(rng: np.random.Generator, design: BikeDesign) -> dict:
    leather = _pick(rng, "brown_leather", "black_leather")
    has_derailleur = rng.random() < (0.35 if design.bike_type == "city" else 0.2)
    chosen = {
        "saddle": leather,
        "grips": leather if leather == "brown_leather" else "rubber",
        "handlebar": _pick(rng, "city", "city", "flat") if design.bike_type == "city" else "city",
        "brakes": _pick(rng, "rim", "rim", "back_pedal"),
        "metal": _pick(rng, "aluminium", "chrome"),
        "tyre_wall": _pick(rng, *["tyre"] * 5, "cream_rubber"),
    }
    if has_derailleur:
        chosen |= {"gears": "derailleur", "sprockets": 7, "largest_sprocket": 0.056, "brakes": "rim"}
        chosen["has_chain_guard"] = False
    if design.bike_type == "step_through":
        chosen["frame"] = _pick(rng, "step_through", "step_through", "deep_step")
    return chosen


def _folding(rng: np.random.Generator, design: BikeDesign) -> dict:
    return {"brakes": _pick(rng, "rim", "rim", "disc"), "metal": _pick(rng, "aluminium", "black_metal")}


def _full_suspension(rng: np.random.Generator, design: BikeDesign) -> dict:
    return {
        "metal": "black_metal",
        "rim_depth": rng.uniform(0.017, 0.022),
        "shock": _pick(rng, "air", "coil"),
        **_sprung_fork(rng),
    }


def _sprung_fork(rng: np.random.Generator) -> dict:
    return {
        "stanchion": _pick(rng, "stanchion", "black_stanchion", "black_stanchion", "gold_stanchion"),
        "fork_legs": _pick(rng, "black_metal", "black_metal", "black_metal", "white_paint", "paint"),
    }


def _kids(rng: np.random.Generator, design: BikeDesign) -> dict:
    is_small = design.bead_seat < LARGEST_STABILISED
    chosen: dict = {
        "brakes": _pick(rng, "back_pedal", "back_pedal", "rim") if is_small else "rim",
        "rim": _pick(rng, "aluminium", "black_rim", "white_rim"),
        "tyre_wall": _pick(rng, *["tyre"] * 4, "cream_rubber"),
        "saddle": _pick(rng, "black_leather", "second_paint"),
        "grips": _pick(rng, "rubber", "second_paint"),
        "livery": "fork",
    }
    if is_small and rng.random() < 0.45:
        chosen |= {"has_stabilisers": True, "has_stand": False}
    if design.bead_seat > 0.40:  # from 20 inches on they get gears
        chosen |= {"gears": "derailleur", "sprockets": 6, "largest_sprocket": 0.052, "has_chain_guard": False}
        chosen |= {"brakes": "rim", "has_basket": False, "tread": "knobbly", "tyre_wall": "tyre"}
    return chosen


def _mountain(rng: np.random.Generator, design: BikeDesign) -> dict:
    has_rim_brakes = design.bead_seat < 0.57 and rng.random() < 0.6  # older bikes, on 26 inches
    return {
        "brakes": "rim" if has_rim_brakes else "disc",
        "handlebar": _pick(rng, "riser", "riser", "flat"),
        "metal": _pick(rng, "black_metal", "black_metal", "aluminium"),
        "tyre_wall": _pick(rng, *["tyre"] * 6, "tan_rubber"),
        **_sprung_fork(rng),
    }


def _road(rng: np.random.Generator, design: BikeDesign) -> dict:
    rim = _pick(rng, "black_rim", "aluminium")
    return {
        "rim": rim,
        "rim_depth": 0.016 if rim == "aluminium" else float(rng.choice([0.022, 0.032, 0.050])),
        "spokes": int(rng.choice([20, 24, 28, 32])),
        "brakes": _pick(rng, "rim", "disc") if rim == "black_rim" else "rim",
        "tyre_wall": _pick(rng, *["tyre"] * 4, "tan_rubber"),
        "grips": _pick(rng, *["tape"] * 5, "white_tape", "brown_leather"),
        "metal": _pick(rng, "black_metal", "aluminium", "carbon") if rim == "black_rim" else "aluminium",
    }


def _trekking(rng: np.random.Generator, design: BikeDesign) -> dict:
    is_suspended = bool(rng.random() < 0.45)
    return {
        "fork": "suspension" if is_suspended else "rigid",
        "fork_length": design.fork_length if is_suspended else 0.410,
        "handlebar": _pick(rng, "flat", "riser", "city"),
        "brakes": _pick(rng, "rim", "disc"),
        "rim": _pick(rng, "aluminium", "black_rim"),
        "metal": _pick(rng, "black_metal", "aluminium"),
    }


def _pick(rng: np.random.Generator, *names: str) -> str:
    return str(rng.choice(names))


_OF_TYPE = {
    "bmx": _bmx,
    "city": _city,
    "folding": _folding,
    "full_suspension": _full_suspension,
    "kids": _kids,
    "mountain": _mountain,
    "road": _road,
    "step_through": _city,
    "trekking": _trekking,
}
