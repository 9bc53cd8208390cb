# Option 1: use your configured Fusion chain
resp = client.chat.completions.create(
    model="plugsky-fusion", # runs the workspace's default chain
    messages=[{"role": "user", "content": "Hello!"}],
)
print(resp.model) # which model actually answered (e.g. "plugsky-micro")
# Option 2: smart routing with cost hint
resp = client.chat.completions.create(
    model="auto", # classifier picks the best model
    route_hint="cost", # cost | quality | latency
    max_cost_per_1m=0.50,
    messages=[{"role": "user", "content": "Hello!"}],
)
print(resp.model) # the model Plugsky chose
