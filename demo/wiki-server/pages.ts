/** What each tenant's wiki says, by the name of the page. */
export const pages: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  acme: { returns: 'Furniture comes back within 30 days, unassembled.', holidays: 'The warehouse is closed on 24 December.' },
  globex: { returns: 'Rugs cannot be returned once they are cut.' },
};
