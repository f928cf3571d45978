from safetensors.numpy import load_file

weights = load_file("{{ name }}/{{ path }}")
print({key: value.shape for key, value in weights.items()})
