"""The stages of a case, a service each. None imports another; they speak through events alone."""
