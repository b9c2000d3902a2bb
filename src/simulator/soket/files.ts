import { randomUUID } from 'node:crypto';
import { extname } from 'node:path';
import { RefusalError } from '../answer.ts';
import { mediaOf } from '../origin.ts';
import { scripted } from '../script.ts';
import type { SimulatedJob, World } from '../world.ts';
import { soketDialect } from './dialect.ts';
import type { ArrivedFile, SoketFile, SoketUpload } from './file.ts';

const defaultUploadMs = 2000;
/** How much of the copying time a file waits in `pending`. */
const pendingShare = 0.25;

/** The uploads and their files; a file's upload status follows from the clock at the time of asking. */
export class SoketFiles {
  readonly #world: World;
  readonly #uploads = new Map<string, SoketUpload>();
  readonly #files = new Map<string, SoketFile>();

  constructor(world: World) {
    this.#world = world;
  }

  /** Takes in an upload; its files are copied to storage over the time that its plan says. */
  accept(arrived: ArrivedFile[]): SoketUpload {
    const id = randomUUID();
    this.#world.plans.assign('soket', id);
    this.#world.calls.countJob('soket');
    const day = new Date().toISOString().slice(0, 10).replaceAll('-', '/');
    const files = arrived.map(({ filename, contentType, bytes, durationSeconds }, position): SoketFile => {
      const fileId = randomUUID();
      const gcsKey = `uploads/${day}/${fileId}${extname(filename)}`;
      this.#world.storage.put({ provider: 'soket', key: gcsKey, contentType, jobId: id, bytes });
      const media = mediaOf(bytes);
      return { id: fileId, uploadId: id, filename, contentType, media, durationSeconds, gcsKey, position };
    });
    const upload = { id, createdAt: this.#world.clock.now(), files };
    this.#uploads.set(id, upload);
    for (const file of files) this.#files.set(file.id, file);
    return upload;
  }

  /** The upload of this id; throws a RefusalError with 404. */
  upload(id: string): SoketUpload {
    const upload = this.#uploads.get(id);
    if (!upload) throw new RefusalError({ status: 404, body: soketDialect.errorBody(404, 'batch upload not found') });
    return upload;
  }

  /** The file of this id. */
  file(id: string): SoketFile | undefined {
    return this.#files.get(id);
  }

  /** The file stored under this key. */
  fileByKey(gcsKey: string): SoketFile | undefined {
    return [...this.#files.values()].find((file) => file.gcsKey === gcsKey);
  }

  /** Every file, newest first. */
  all(): SoketFile[] {
    return [...this.#files.values()].reverse();
  }

  /** Removes a file and its object; says whether the object was there. */
  delete(file: SoketFile): boolean {
    this.#files.delete(file.id);
    const upload = this.#uploads.get(file.uploadId);
    if (upload) upload.files = upload.files.filter(({ id }) => id !== file.id);
    return this.#world.storage.remove('soket', file.gcsKey);
  }

  /** Where the copying of a file is now. */
  uploadStatus(file: SoketFile): 'pending' | 'uploading' | 'completed' | 'failed' {
    const { clock, plans } = this.#world;
    const plan = plans.of('soket', file.uploadId);
    const totalMs = plan.uploadDurationMs ?? defaultUploadMs;
    const createdAt = this.#uploads.get(file.uploadId)?.createdAt ?? 0;
    const now = clock.now();
    if (now < clock.after(createdAt, totalMs * pendingShare)) return 'pending';
    if (now < clock.after(createdAt, totalMs)) return 'uploading';
    const { failedUploads = [] } = plan;
    return failedUploads === 'all' || failedUploads.includes(file.position) ? 'failed' : 'completed';
  }

  /** A file as lists show it; `gcs_key` is there only once the file is completed. */
  fileDocument(file: SoketFile): Record<string, unknown> {
    const status = this.uploadStatus(file);
    return {
      file_id: file.id,
      filename: file.filename,
      size_bytes: file.media.sizeBytes,
      estimated_duration_seconds: Math.round(file.durationSeconds * 10) / 10,
      upload_status: status,
      ...(status === 'completed' ? { gcs_key: file.gcsKey } : {}),
    };
  }

  /** An upload as its status document tells it; `poll` counts this as an answer of the plan's script. */
  uploadDocument(upload: SoketUpload, poll: boolean): Record<string, unknown> {
    const { plans } = this.#world;
    const counts = { completed: 0, failed: 0, uploading: 0, pending: 0 };
    for (const file of upload.files) counts[this.uploadStatus(file)] += 1;
    const unfinished = counts.pending + counts.uploading > 0;
    const body = {
      batch_upload_id: upload.id,
      status: unfinished ? 'accepted' : 'completed',
      total_files: upload.files.length,
      ...counts,
      files: upload.files.map((file) => this.fileDocument(file)),
    };
    const { uploadScript } = plans.of('soket', upload.id);
    return scripted(body, plans.step({ script: uploadScript, resourceId: upload.id, since: upload.createdAt, poll }));
  }

  /** Every upload with its status now; `isUsed` tells whether a batch was made of a file. */
  list(isUsed: (fileId: string) => boolean): SimulatedJob[] {
    return [...this.#uploads.values()].map((upload) => ({
      provider: 'soket',
      resource: 'upload',
      id: upload.id,
      status: String(this.uploadDocument(upload, false)['status']),
      createdAt: upload.createdAt,
      media: upload.files.map(({ media }) => media),
      orphan: !upload.files.some(({ id }) => isUsed(id)),
      filenames: upload.files.map(({ filename }) => filename),
    }));
  }
}
