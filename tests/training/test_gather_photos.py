import pytest

from training import train_classifier, train_draem
from training.classifier_recipe import ClassifierRecipe
from training.draem_recipe import DraemRecipe


@pytest.mark.parametrize(
    "gather",
    [
        lambda own, extra: train_classifier.gather_photos(ClassifierRecipe(data_dir=own, extra_data_dirs=extra)),
        lambda own, extra: train_draem.gather_photos(
            DraemRecipe(intact_dir=f"{own}/train/intact", extra_intact_dirs=[f"{folder}/intact" for folder in extra])
        ),
    ],
)
def test_extra_photos_are_learned_from_and_none_is_judged_by(bike_folder, sample, gather):
    own, both = set(gather(str(bike_folder), [])), set(gather(str(bike_folder), [str(sample)]))
    extra = both - own
    assert own < both and {photo.split for photo in own} == {"train", "validation", "test"}
    assert {photo.split for photo in extra} == {"train"} and len(extra) > 40
    assert all(photo.path.is_relative_to(sample) for photo in extra)
