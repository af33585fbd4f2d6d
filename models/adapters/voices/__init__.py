"""Pretrained voices: whatever transformers and coqui-tts load, made to follow an emotion."""
