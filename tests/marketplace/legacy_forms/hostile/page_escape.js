var page = window.parent.document;
top.location.href = "https://example.com/";
document.body.innerHTML = "<img src=x onerror=alert(1)>";
document.cookie = "a=b";
$.atoms.x = [{tag_code: "x", type: "input", attrs: {name: "<img src=x onerror=alert(1)>"}}];
