"""prefq: curate preference pairs before reward-model and DPO training."""

__version__ = "0.1.0"
