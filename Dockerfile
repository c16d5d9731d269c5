# The gateway in a container: ./build.sh package, then docker build -t tiny-dancer .
# tools/dockerfile.py runs these steps where there is no docker.
FROM python:3.13-slim
WORKDIR /app
COPY requirements/serve.txt dist/*.whl ./
RUN pip install --no-cache-dir --require-hashes -r serve.txt && pip install --no-cache-dir --no-deps ./*.whl
USER 10001
EXPOSE 8787
ENTRYPOINT ["tiny-dancer", "serve", "--host", "0.0.0.0", "--port", "8787"]
# Your own: docker run -v ./gateway.toml:/app/gateway.toml ... --config gateway.toml
CMD ["--demo"]
