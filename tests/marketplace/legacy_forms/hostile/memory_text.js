var text = "x";
for (;;) { text += text; }
