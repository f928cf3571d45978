import onnxruntime

session = onnxruntime.InferenceSession("{{ name }}/{{ path }}")
print([(each.name, each.shape, each.type) for each in session.get_inputs()])
