"""Parts that only a container needs. The image is made by the Dockerfile, compose.yaml runs its parts."""
