// Texts in the visitor's language, which the page's template has put into it.
const element = document.getElementById("texts");
export const texts = element === null ? {} : JSON.parse(element.textContent);
