curl -X POST https://api.plutos-ai.com/v1/process \
  -H "Authorization: Bearer YOUR_API_KEY" \
  -H "Content-Type: application/json" \
  -d '{
    "input": "What is the capital of France?",
    "model": "gpt-4",
    "options": {
      "temperature": 0.7,
      "maxTokens": 100,
      "systemPrompt": "You are a helpful assistant."
    }
  }'
