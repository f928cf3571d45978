import mlflow.pyfunc

model = mlflow.pyfunc.load_model("{{ name }}{% if folder %}/{{ folder }}{% endif %}")
