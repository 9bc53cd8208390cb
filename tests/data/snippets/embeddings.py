resp = client.embeddings.create(
    model="plugsky-embed-2",
    input=["Plugsky is a sovereign AI cloud", "GCC banks run on us"],
)
print(len(resp.data[0].embedding), "dimensions") # 1536
