from openai import OpenAI
client = OpenAI(api_key="psk_live_…", base_url="https://api.plugsky.com/v1")
stream = client.chat.completions.create(
    model="plugsky-pro",
    messages=[{"role": "user", "content": "Write a haiku about GCC summers"}],
    stream=True,
    temperature=0.7,
)
for chunk in stream:
    print(chunk.choices[0].delta.content or "", end="")
