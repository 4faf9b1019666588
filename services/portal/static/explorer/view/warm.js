// The first use of WebGL in a page takes a browser 0.1 to 0.4 s, whatever is drawn: it is spent here, while the scripts of
// the map are still on their way.
const context = document.createElement("canvas").getContext("webgl2");
context?.getExtension("WEBGL_lose_context")?.loseContext();
