"""The engine: desired state, diff, order and runs. Knows neither AWS nor a terminal."""
