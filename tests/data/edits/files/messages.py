# رسائل البرنامج
MESSAGES = {
    "ar": {
        "hello": "مرحبًا بك في المتجر",
        "empty": "سلّة المشتريات فارغة",
        "bye": "مع السلامة",
    },
    "ja": {
        "hello": "いらっしゃいませ",
        "empty": "カートは空です。",
        "bye": "ありがとうございました！",
    },
    "zh": {
        "hello": "欢迎光临",
        "empty": "购物车是空的",
        "bye": "再见",
    },
}


def say(language, key):
    """يعيد الرسالة بلغة المستخدم — أو بالإنجليزية."""
    return MESSAGES.get(language, {}).get(key, key)
