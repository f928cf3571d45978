import mlflow.onnx, onnx

model = onnx.load("{{ name }}/{{ path }}")
mlflow.onnx.save_model(model, "{{ name }}-mlflow")  # a folder that mlflow.pyfunc.load_model reads
