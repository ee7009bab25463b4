import numpy as np
import pytest
import torch
from PIL import Image

from modeling import BikeImageProcessor


@pytest.fixture
def photos():
    random = np.random.default_rng(17)
    return [random.integers(0, 256, (height, width, 3), np.uint8) for height, width in ((60, 80), (90, 50), (96, 128))]


@pytest.fixture
def processor():
    return BikeImageProcessor(size={"height": 96, "width": 128}, image_mean=[0.5, 0.4, 0.3], image_std=[0.5, 0.2, 0.1])


def test_saved_and_loaded_it_does_the_same(processor, photos, tmp_path):
    processor.save_pretrained(tmp_path)
    loaded = BikeImageProcessor.from_pretrained(tmp_path)
    assert (loaded.size, loaded.image_mean, loaded.image_std) == (
        {"height": 96, "width": 128},
        [0.5, 0.4, 0.3],
        [0.5, 0.2, 0.1],
    )
    assert torch.equal(loaded(photos)["pixel_values"], processor(photos)["pixel_values"])


def test_pixels_are_normalised_by_channel(processor):
    image = np.full((96, 128, 3), (255, 0, 51), np.uint8)
    pixel_values = processor(image)["pixel_values"]
    assert pixel_values.shape == (1, 3, 96, 128)
    # By hand: (1 - 0.5) / 0.5, (0 - 0.4) / 0.2, (0.2 - 0.3) / 0.1
    for channel, expected in enumerate((1.0, -2.0, -1.0)):
        torch.testing.assert_close(pixel_values[0, channel], torch.full((96, 128), expected), atol=1e-6, rtol=0)


def test_a_pil_image_and_its_array_give_the_same(processor, photos):
    from_array = processor(photos[0])["pixel_values"]
    assert torch.equal(processor(Image.fromarray(photos[0]))["pixel_values"], from_array)


def test_a_batch_is_its_photos_one_by_one(processor, photos):
    singles = torch.cat([processor(photo)["pixel_values"] for photo in photos])
    assert torch.equal(processor(photos)["pixel_values"], singles)


def test_a_crop_is_the_photo_cut_to_it(processor, photos):
    canvas, letterbox = processor.fit(photos[0], (10, 5, 60, 45))
    cut, _ = processor.fit(photos[0][5:45, 10:60])
    assert letterbox.crop == (10, 5, 60, 45)
    np.testing.assert_array_equal(canvas, cut)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param({"image_maen": [0, 0, 0]}, "has no key 'image_maen': did you mean 'image_mean'", id="misspelt"),
        pytest.param({"crop_pct": 0.9}, "has no key 'crop_pct'", id="another-library's"),
        pytest.param({"size": {"shortest_edge": 224}}, "expected height and width", id="size"),
    ],
)
def test_a_wrong_key_is_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        BikeImageProcessor(**arguments)


@pytest.mark.parametrize(
    ("photo", "message"),
    [
        pytest.param(np.zeros((60, 80), np.uint8), r"uint8 of shape \(60, 80\)", id="gray"),
        pytest.param(np.zeros((60, 80, 4), np.uint8), r"uint8 of shape \(60, 80, 4\)", id="alpha"),
        pytest.param(np.zeros((60, 80, 3), np.float32), "float32 of shape", id="float"),
        pytest.param("bike.jpg", "a photo is str", id="path"),
        pytest.param(None, "a photo is NoneType", id="nothing"),
    ],
)
def test_what_is_no_photo_is_refused(processor, photo, message):
    with pytest.raises(ValueError, match=message):
        processor(photo)


def test_other_tensors_than_torch_are_refused(processor, photos):
    with pytest.raises(ValueError, match="only 'pt' is known"):
        processor(photos, return_tensors="np")
