embs = client.embeddings.create(
    model="plugsky-embed-v1",
    input=["doc 1 text...", "doc 2 text...", "doc 3 text..."],
)
vectors = [e.embedding for e in embs.data]
# store in your vector DB
