"""Small real models trained on scikit-learn's bundled data, ready to be registered."""
