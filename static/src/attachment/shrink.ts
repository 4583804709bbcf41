/** Vision models look at no more than this, and a phone's photo has four times as much. Pixels of the longer edge. */
const LONGEST = 2048;
const SHRINKABLE = ["image/png", "image/jpeg", "image/webp"];
const QUALITY = 0.9;

/** Width and height within `longest`, in the same proportion; null where they are within it already. */
export function fitted(width: number, height: number, longest = LONGEST): { width: number; height: number } | null {
  const scale = longest / Math.max(width, height);
  if (scale >= 1) return null;
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/** A picture that is larger than any model looks at, made smaller before it is sent; everything else as it is. */
export async function shrunk(file: File): Promise<File> {
  if (!SHRINKABLE.includes(file.type)) return file;
  let picture: ImageBitmap;
  try {
    picture = await createImageBitmap(file);
  } catch {
    return file; // no picture after all: the hub tells what it is from its bytes
  }
  const size = fitted(picture.width, picture.height);
  const made = size && (await drawn(picture, size, file.type));
  picture.close();
  if (!made || made.size >= file.size) return file;
  return new File([made], file.name, { type: made.type, lastModified: file.lastModified });
}

async function drawn(
  picture: ImageBitmap,
  { width, height }: { width: number; height: number },
  type: string,
): Promise<Blob | null> {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const brush = canvas.getContext("2d");
  if (brush === null) return null;
  brush.imageSmoothingQuality = "high";
  brush.drawImage(picture, 0, 0, width, height);
  return new Promise((resolve) => canvas.toBlob((blob) => resolve(blob?.type === type ? blob : null), type, QUALITY));
}
