import math

import pytest
import torch
from transformers import AutoConfig, AutoImageProcessor, AutoModel

from modeling import BikeImageProcessor, DraemConfig, DraemForAnomalyLocalization
from modeling.modeling_draem import draem_loss_terms, focal_loss, structural_similarity

# (in, out) of each convolution in the authors' code, https://github.com/VitjanZ/DRAEM, model_unet.py, in its order:
# encoder blocks, then for each level of the decoder its upsampling and its block, then the output.
OFFICIAL_RECONSTRUCTIVE = [
    *[(3, 128), (128, 128), (128, 256), (256, 256), (256, 512), (512, 512)],
    *[(512, 1024), (1024, 1024), (1024, 1024), (1024, 1024)],
    *[(1024, 1024), (1024, 1024), (1024, 512)],
    *[(512, 512), (512, 512), (512, 256)],
    *[(256, 256), (256, 256), (256, 128)],
    *[(128, 128), (128, 128), (128, 128)],
    (128, 3),
]
OFFICIAL_DISCRIMINATIVE = [
    *[(6, 64), (64, 64), (64, 128), (128, 128), (128, 256), (256, 256)],
    *[(256, 512), (512, 512), (512, 512), (512, 512), (512, 512), (512, 512)],
    *[(512, 512), (1024, 512), (512, 512)],
    *[(512, 256), (768, 256), (256, 256)],
    *[(256, 128), (384, 128), (128, 128)],
    *[(128, 64), (192, 64), (64, 64)],
    *[(64, 64), (128, 64), (64, 64)],
    (64, 2),
]


@pytest.fixture(scope="module")
def tiny_draem():
    torch.manual_seed(17)
    return DraemForAnomalyLocalization(DraemConfig(reconstructive_width=4, discriminative_width=4)).eval()


@pytest.fixture
def pixel_values():
    return torch.rand(2, 3, 64, 96, generator=torch.Generator().manual_seed(17))


@pytest.mark.parametrize(
    ("network", "official"),
    [("reconstructive", OFFICIAL_RECONSTRUCTIVE), ("discriminative", OFFICIAL_DISCRIMINATIVE)],
)
def test_at_the_papers_widths_the_convolutions_are_the_authors(network, official):
    with torch.device("meta"):
        model = DraemForAnomalyLocalization(DraemConfig.paper())
    network = getattr(model.draem, network)
    parts = list(network.encoder)
    for upsample, block in zip(network.upsample, network.decoder, strict=True):
        parts += [upsample, block]
    convolutions = [module for part in [*parts, network.output] for module in part.modules()]
    convolutions = [module for module in convolutions if isinstance(module, torch.nn.Conv2d)]
    assert [(module.in_channels, module.out_channels) for module in convolutions] == official
    assert {module.kernel_size for module in convolutions} == {(3, 3)}
    assert all(module.bias is not None for module in convolutions)


def test_at_the_papers_widths_there_are_97_million_parameters():
    with torch.device("meta"):
        model = DraemForAnomalyLocalization(DraemConfig.paper())
    # By hand: 9 weights and a bias for each pair above, and a batch norm's two after all but the outputs.
    pairs = OFFICIAL_RECONSTRUCTIVE + OFFICIAL_DISCRIMINATIVE
    expected = sum(9 * fan_in * fan_out + 3 * fan_out for fan_in, fan_out in pairs) - 2 * (3 + 2)
    assert model.num_parameters() == expected
    assert round(expected / 1e6, 1) == 97.4


def test_the_outputs_have_the_shapes_and_ranges_they_promise(tiny_draem, pixel_values):
    with torch.no_grad():
        output = tiny_draem(pixel_values)
    assert output.loss is None
    assert output.reconstruction.shape == (2, 3, 64, 96)
    assert output.logits.shape == (2, 2, 64, 96)
    assert output.anomaly_map.shape == (2, 1, 64, 96)
    torch.testing.assert_close(output.anomaly_map[:, 0], output.logits.softmax(dim=1)[:, 1])
    # The score by hand: the largest mean over 21 x 21, zeros around the map.
    padded = torch.nn.functional.pad(output.anomaly_map, [10] * 4)
    means = padded.unfold(2, 21, 1).unfold(3, 21, 1).mean(dim=(-2, -1))
    torch.testing.assert_close(output.anomaly_score, means.amax(dim=(1, 2, 3)))


def test_a_batch_is_its_photos_one_by_one(tiny_draem, pixel_values):
    with torch.no_grad():
        batch = tiny_draem(pixel_values).anomaly_map
        singles = torch.cat([tiny_draem(photo[None]).anomaly_map for photo in pixel_values])
    torch.testing.assert_close(batch, singles, atol=1e-5, rtol=0)


def test_every_parameter_gets_a_gradient(pixel_values):
    torch.manual_seed(17)
    model = DraemForAnomalyLocalization(DraemConfig(reconstructive_width=4, discriminative_width=4)).train()
    mask_labels = torch.zeros(2, 1, 64, 96)
    mask_labels[:, :, 10:30, 20:40] = 1
    output = model(pixel_values, clean_pixel_values=pixel_values.flip(3), mask_labels=mask_labels)
    output.loss.backward()
    assert set(output.loss_terms) == {"l2", "ssim", "focal"}
    assert output.anomaly_score is None  # to smooth the map would cost a hundredth of a step
    torch.testing.assert_close(output.loss, sum(output.loss_terms.values()))
    without = [name for name, parameter in model.named_parameters() if parameter.grad is None]
    assert not without
    assert all(parameter.grad.isfinite().all() for parameter in model.parameters())


def test_saved_and_loaded_it_answers_the_same(tiny_draem, pixel_values, tmp_path):
    tiny_draem.save_pretrained(tmp_path)
    BikeImageProcessor(image_mean=[0.0] * 3, image_std=[1.0] * 3).save_pretrained(tmp_path)
    loaded = AutoModel.from_pretrained(tmp_path)
    assert isinstance(loaded, DraemForAnomalyLocalization)
    assert isinstance(AutoConfig.from_pretrained(tmp_path), DraemConfig)
    assert isinstance(AutoImageProcessor.from_pretrained(tmp_path), BikeImageProcessor)
    with torch.no_grad():
        assert torch.equal(loaded(pixel_values).logits, tiny_draem(pixel_values).logits)


@pytest.mark.parametrize(
    ("size", "padded"),
    [
        pytest.param((256, 250), "256x256", id="width"),
        pytest.param((95, 96), "96x96", id="height"),
        pytest.param((65, 97), "96x128", id="both"),
        pytest.param((0, 64), "32x64", id="empty"),
    ],
)
def test_an_indivisible_or_tiny_photo_is_refused_with_the_size_to_use(tiny_draem, size, padded):
    with pytest.raises(ValueError, match=f"pad to {padded}"):
        tiny_draem(torch.rand(1, 3, *size))


@pytest.mark.parametrize("given", ["clean_pixel_values", "mask_labels"])
def test_labels_come_together(tiny_draem, pixel_values, given):
    with pytest.raises(ValueError, match="come together"):
        tiny_draem(pixel_values, **{given: pixel_values})


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param({"anomaly_treshold": 0.5}, "did you mean 'anomaly_threshold'", id="misspelt"),
        pytest.param({"anomaly_threshold": 60}, r"use a number in \[0, 1\]", id="percent"),
        pytest.param({"anomaly_weight": 0}, "anomaly_weight is 0", id="weight"),
        pytest.param({"reconstructive_width": -1}, "reconstructive_width is -1", id="width"),
    ],
)
def test_a_wrong_key_or_number_is_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        DraemConfig(**arguments)


@pytest.mark.parametrize(("gamma", "anomaly_weight"), [(0.0, 1.0), (2.0, 1.0), (2.0, 5.0)])
def test_the_focal_loss_of_two_pixels_is_the_one_by_hand(gamma, anomaly_weight):
    # Probability of the true class 0.8 and 0.25.
    logits = torch.log(torch.tensor([[[[0.8, 0.75]], [[0.2, 0.25]]]]))  # (1, 2, 1, 2)
    mask = torch.tensor([[[[0.0, 1.0]]]])
    expected = -(0.2**gamma * math.log(0.8) + anomaly_weight * 0.75**gamma * math.log(0.25)) / 2
    assert focal_loss(logits, mask, gamma, anomaly_weight).item() == pytest.approx(expected, rel=1e-6)


def test_a_mask_of_another_size_is_refused():
    with pytest.raises(ValueError, match="resize the mask"):
        focal_loss(torch.zeros(1, 2, 32, 32), torch.zeros(1, 1, 64, 64))


def test_the_similarity_of_equal_images_is_1_and_of_black_and_white_almost_0(pixel_values):
    assert structural_similarity(pixel_values, pixel_values).item() == pytest.approx(1, abs=1e-6)
    black, white = torch.zeros(1, 3, 32, 32), torch.ones(1, 3, 32, 32)
    # By hand: (0 + c1) / (1 + c1), structure 1.
    assert structural_similarity(black, white).item() == pytest.approx(1e-4 / (1 + 1e-4), abs=1e-6)


def test_the_similarity_is_that_of_torchmetrics(pixel_values):
    metrics = pytest.importorskip("torchmetrics.functional.image")
    noisy = (pixel_values + 0.1 * pixel_values.flip(2)).clamp(0, 1)
    _, similarity = metrics.structural_similarity_index_measure(
        noisy, pixel_values, data_range=1.0, sigma=1.5, return_full_image=True
    )
    theirs = similarity[..., 5:-5, 5:-5].mean()  # without the border, which they mirror and we leave out
    assert structural_similarity(noisy, pixel_values).item() == pytest.approx(theirs.item(), abs=1e-5)


def test_a_better_reconstruction_and_a_better_map_cost_less(pixel_values):
    mask_labels = torch.zeros(2, 1, 64, 96)
    mask_labels[:, :, 10:30, 20:40] = 1
    right = torch.cat([1 - mask_labels, mask_labels], dim=1) * 4
    good = draem_loss_terms(pixel_values, right, pixel_values, mask_labels)
    bad = draem_loss_terms(pixel_values.flip(2), -right, pixel_values, mask_labels)
    assert good["l2"] == 0
    assert all(good[name] < bad[name] for name in ("l2", "ssim", "focal"))


def test_flipping_the_photo_flips_the_map():
    torch.manual_seed(17)
    model = DraemForAnomalyLocalization(DraemConfig(reconstructive_width=2, discriminative_width=2))
    for module in model.modules():
        if isinstance(module, torch.nn.Conv2d):  # mirrored kernels: the same seen from both sides
            module.weight.data = (module.weight.data + module.weight.data.flip(3)) / 2
    photo = torch.rand(1, 3, 64, 64)
    with torch.no_grad():
        maps = [model.eval()(pixels).anomaly_map for pixels in (photo, photo.flip(3))]
    torch.testing.assert_close(maps[0].flip(3), maps[1], atol=1e-5, rtol=0)


def test_the_loss_is_computed_in_full_precision_whatever_the_networks_run_in():
    model = DraemForAnomalyLocalization(DraemConfig(reconstructive_width=4, discriminative_width=4))
    clean = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(1)) * 0.1 + 0.4
    mask = torch.zeros(2, 1, 64, 64)
    with torch.autocast("cpu", torch.bfloat16):
        output = model(clean, clean, mask)
    assert output.logits.dtype == torch.bfloat16
    expected = draem_loss_terms(output.reconstruction.float(), output.logits.float(), clean, mask)
    for name, term in expected.items():
        assert output.loss_terms[name].item() == pytest.approx(term.item(), rel=1e-5), name
