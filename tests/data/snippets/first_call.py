from openai import OpenAI
client = OpenAI(
    api_key="psk_live_…", # your Plugsky key
    base_url="https://api.plugsky.com/v1", # the only line that changes
)
resp = client.chat.completions.create(
    model="plugsky-pro",
    messages=[{"role": "user", "content": "Say hello in 5 languages"}],
    max_tokens=200,
)
print(resp.choices[0].message.content)
