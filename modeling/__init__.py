"""The two models as the Hub wants them: configurations, networks, image processor; nothing else of ours inside."""

from transformers import AutoConfig, AutoImageProcessor, AutoModel, AutoModelForImageClassification

from modeling.configuration_bike_classifier import BikeClassifierConfig
from modeling.configuration_draem import DraemConfig
from modeling.image_processing_bike import BikeImageProcessor
from modeling.modeling_bike_classifier import BikeClassifierForImageClassification
from modeling.modeling_draem import DraemForAnomalyLocalization

__all__ = [
    "BikeClassifierConfig",
    "BikeClassifierForImageClassification",
    "BikeImageProcessor",
    "DraemConfig",
    "DraemForAnomalyLocalization",
]

AutoConfig.register("bike_classifier", BikeClassifierConfig, exist_ok=True)
AutoConfig.register("draem", DraemConfig, exist_ok=True)
AutoModelForImageClassification.register(BikeClassifierConfig, BikeClassifierForImageClassification, exist_ok=True)
AutoModel.register(DraemConfig, DraemForAnomalyLocalization, exist_ok=True)
AutoImageProcessor.register(BikeClassifierConfig, slow_image_processor_class=BikeImageProcessor, exist_ok=True)
AutoImageProcessor.register(DraemConfig, slow_image_processor_class=BikeImageProcessor, exist_ok=True)
