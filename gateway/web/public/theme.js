// Runs before the first paint, so that a chosen theme never flashes. A file of its own because the CSP forbids inline scripts.
try {
  const theme = localStorage.getItem("trueline.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch (error) {
  console.info("no stored theme: this browser keeps no data for the page", error);
}
