"""What a client gets when all is well."""

EASY = "What is the capital of France?"


def chat(text=EASY, **more):
    return {"model": "auto", "messages": [{"role": "user", "content": text}], **more}


def test_a_chat_is_routed_and_says_so(running, client, light, powerful):
    answer = client(running()).post("/v1/chat/completions", json=chat())
    assert answer.status_code == 200
    assert answer.json()["choices"][0]["message"]["content"] == "Hello from here."
    headers = {n[14:]: v for n, v in answer.headers.items() if n.startswith("x-tiny-dancer-")}
    assert headers["decision"] in ("light", "powerful")
    assert headers["served-by"] == {"light": "small", "powerful": "big"}[headers["decision"]]
    assert len(light.calls) + len(powerful.calls) == 1


def test_a_stream_comes_through_whole(running, client):
    answer = client(running()).post("/v1/chat/completions", json=chat(stream=True))
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.text.endswith("data: [DONE]\n\n")
    assert "usage" not in answer.text  # the client did not ask for it
