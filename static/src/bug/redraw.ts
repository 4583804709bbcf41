import type { Area } from "./area";

export type Tool = "blacken" | "crop";

/** The picture with this area black, or this area alone: new pixels, nothing of the old ones stays beneath. */
export async function redrawn(file: File, tool: Tool, area: Area): Promise<File> {
  const picture = await createImageBitmap(file);
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d");
  if (pen === null) throw new Error("This browser draws no pictures.");
  const crop = tool === "crop";
  canvas.width = crop ? area.width : picture.width;
  canvas.height = crop ? area.height : picture.height;
  pen.drawImage(picture, crop ? -area.x : 0, crop ? -area.y : 0);
  picture.close();
  if (!crop) {
    pen.fillStyle = "#000";
    pen.fillRect(area.x, area.y, area.width, area.height);
  }
  const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/png"));
  if (blob === null) throw new Error("The picture could not be drawn anew.");
  return new File([blob], file.name.replace(/\.\w+$/, "") + ".png", { type: "image/png" });
}
