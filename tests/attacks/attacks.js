// What a web page from elsewhere can try against a hub on this machine. Each try answers what came of it, in a word.
async ([hub, ws, task, picture]) => {
  const all = { credentials: "include" };
  const blind = { ...all, mode: "no-cors", method: "POST" };
  const inTime = (work) => Promise.race([work, new Promise((resolve) => setTimeout(resolve, 30000, "silence"))]);
  const tag = (name, set) =>
    new Promise((resolve) => {
      const made = Object.assign(document.createElement(name), set);
      made.onload = made.onloadedmetadata = () => resolve("loaded");
      made.onerror = () => resolve("refused");
      document.body.append(made);
    });
  const form = (action, enctype, name, value) =>
    new Promise((resolve) => {
      const frame = Object.assign(document.createElement("iframe"), { name: "f" + Math.random() });
      const made = Object.assign(document.createElement("form"), { action, enctype, method: "post", target: frame.name });
      if (enctype === "multipart/form-data") {
        const files = new DataTransfer();
        files.items.add(new File([value], "planted.txt", { type: "text/plain" }));
        made.append(Object.assign(document.createElement("input"), { type: "file", name, files: files.files }));
      } else made.append(Object.assign(document.createElement("input"), { name, value }));
      frame.onload = () => frame.src === "" && resolve("sent");
      document.body.append(frame, made);
      made.submit();
      setTimeout(resolve, 700, "sent");
    });
  const tries = {
    read: async () => (await fetch(hub + "/projects", all)).text(),
    readOpen: async () => (await fetch(hub + "/health", all)).text(),
    patch: async () =>
      (await fetch(hub + "/tasks/" + task, { ...all, method: "DELETE", headers: { "Content-Type": "application/json" } })).text(),
    post: async () => (await fetch(hub + "/login/links", blind)).type,
    postText: async () =>
      (await fetch(hub + "/projects", { ...blind, body: '{"name": "planted", "workspace_path": "planted"}' })).type,
    upload: async () => {
      const body = new FormData();
      body.append("file", new Blob(["planted"]), "planted.txt");
      return (await fetch(hub + "/tasks/" + task + "/attachments", { ...blind, body })).type;
    },
    beacon: async () => String(navigator.sendBeacon(hub + "/login/links", "x")),
    formMultipart: () => form(hub + "/tasks/" + task + "/attachments", "multipart/form-data", "file", "planted"),
    formText: () => form(hub + "/projects", "text/plain", '{"name": "planted", "workspace_path": "planted", "x', '": 1}'),
    formPlain: () => form(hub + "/login/links", "application/x-www-form-urlencoded", "a", "b"),
    script: () => tag("script", { src: hub + "/projects" }),
    style: () => tag("link", { rel: "stylesheet", href: hub + "/projects" }),
    image: () => tag("img", { src: hub + picture }),
    socket: () =>
      new Promise((resolve) => {
        const socket = new WebSocket(ws + "?after=0");
        socket.onmessage = (message) => resolve("heard " + message.data.length);
        socket.onclose = () => resolve("closed");
      }),
    frame: () => tag("iframe", { src: hub + "/chat.html" }),
  };
  const came = {};
  for (const [name, work] of Object.entries(tries)) {
    try {
      came[name] = await inTime(work());
    } catch (error) {
      came[name] = "failed";
    }
  }
  return came;
}
