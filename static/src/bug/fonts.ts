const ADDRESS = /url\("?([^")]+)"?\)/;

const nameOf = (family: string, range: string): string => `${family.replace(/["']/g, "")} ${range}`;

/** The page's fonts that are in use, with their bytes in them: so the picture needs nothing from elsewhere. */
export async function fontsInUse(): Promise<string> {
  const used = new Set(
    [...document.fonts].filter(({ status }) => status === "loaded").map((one) => nameOf(one.family, one.unicodeRange)),
  );
  const rules = [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules]);
  const faces = rules.filter((rule): rule is CSSFontFaceRule => rule instanceof CSSFontFaceRule);
  const wanted = faces.filter(({ style }) =>
    used.has(nameOf(style.getPropertyValue("font-family"), style.getPropertyValue("unicode-range"))),
  );
  return (await Promise.all(wanted.map(inlined))).join("\n");
}

async function inlined({ cssText }: CSSFontFaceRule): Promise<string> {
  const address = ADDRESS.exec(cssText)?.[1];
  if (address === undefined) return cssText;
  const font = await (await fetch(address)).blob();
  const data = await new Promise<string>((done, failed) => {
    const reader = new FileReader();
    reader.onload = () => done(reader.result as string);
    reader.onerror = () => failed(reader.error ?? new Error("The font can't be read."));
    reader.readAsDataURL(font);
  });
  return cssText.replace(ADDRESS, `url("${data}")`);
}
