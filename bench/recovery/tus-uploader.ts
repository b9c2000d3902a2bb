// Uploads with tus-js-client, and goes on with what an earlier process began.
import { createReadStream } from 'node:fs';
import * as tus from 'tus-js-client';
import { answerParent } from '../processes/child.ts';

// The types are those of the browser's build, which has no files.
const { FileUrlStorage } = tus as unknown as { FileUrlStorage: new (path: string) => tus.UrlStorage };

interface TusInput {
  path: string;
  endpoint: string;
  /** Where the client keeps the URLs of its uploads. */
  urlFile: string;
  chunkSize: number | null;
}

answerParent({
  upload: ({ path, endpoint, urlFile, chunkSize }: TusInput) =>
    new Promise<void>((resolve, reject) => {
      const upload = new tus.Upload(createReadStream(path), {
        endpoint,
        urlStorage: new FileUrlStorage(urlFile),
        ...(chunkSize === null ? {} : { chunkSize }),
        onSuccess: () => {
          resolve();
        },
        onError: reject,
      });
      void upload.findPreviousUploads().then(([previous]) => {
        if (previous) upload.resumeFromPreviousUpload(previous);
        upload.start();
      }, reject);
    }),
});
