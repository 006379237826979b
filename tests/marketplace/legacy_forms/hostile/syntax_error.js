(function () { $.atoms.x = [ ;
