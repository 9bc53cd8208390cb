from openai import OpenAI
client = OpenAI(base_url="https://api.plugsky.com/v1", api_key="sk-live-...")
emb = client.embeddings.create(
    model="plugsky-embed-large",
    input="Plugsky is an OpenAI-compatible AI platform with 18+ models.",
)
print(len(emb.data[0].embedding), "dimensions")
# 3072
