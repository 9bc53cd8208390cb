curl -X POST https://api.plutos-ai.com/v1/batch \
  -H "Authorization: Bearer YOUR_API_KEY" \
  -H "Content-Type: application/json" \
  -d '{
    "inputs": [
      "What is the capital of France?",
      "What is the capital of Germany?",
      "What is the capital of Italy?"
    ],
    "model": "gpt-4",
    "options": {
      "temperature": 0.3,
      "maxTokens": 50
    }
  }'
