// Each format by the media type that it is sent under, then by the other names that servers, tools and vendors give it.
const formats = {
  wav: ['audio/wav', 'audio/wave', 'audio/vnd.wave', 'audio/vnd.wav', 'audio/pn-wav', 'audio/riff'],
  mp3: [
    ...['audio/mpeg', 'audio/mp3', 'audio/mpeg3', 'audio/mpeg-3', 'audio/mpg', 'audio/mpg3', 'audio/mpegaudio'],
    ...['audio/mpeg-audio', 'audio/mpga', 'audio/mp2', 'audio/mpeg2', 'video/mp3', 'video/mpeg3'],
  ],
  m4a: [
    ...['audio/mp4', 'audio/m4a', 'audio/m4b', 'audio/m4p', 'audio/m4r', 'audio/mp4a', 'audio/mp4a-latm'],
    ...['audio/mpeg4', 'audio/mpeg-4', 'audio/mpeg4-generic', 'audio/alac'],
  ],
  mp4: ['video/mp4', 'application/mp4', 'video/m4v', 'video/mp4v-es', 'video/mpeg4', 'video/mpeg-4', 'video/f4v'],
  flac: ['audio/flac', 'application/flac'],
  aac: ['audio/aac', 'audio/aacp', 'audio/adts', 'audio/hx-aac-adts', 'audio/vnd.dlna.adts'],
  ogg: ['audio/ogg', 'application/ogg', 'audio/opus', 'audio/vorbis', 'audio/speex', 'audio/oga'],
  ogv: ['video/ogg', 'video/ogv', 'video/theora'],
  amr: ['audio/amr', 'audio/amr-nb', 'audio/amr-wb'],
  mpeg: ['video/mpeg', 'video/mpg', 'video/mpeg2', 'video/mpeg-system', 'video/mp1s', 'video/mp2p'],
  ts: ['video/mp2t', 'application/mp2t', 'video/mpegts', 'video/vnd.dlna.mpeg-tts'],
  webm: ['video/webm'],
  weba: ['audio/webm'],
  mov: ['video/quicktime', 'video/mov', 'video/qt'],
  mkv: ['video/x-matroska', 'video/mkv', 'application/matroska'],
  mka: ['audio/x-matroska', 'audio/mka'],
  avi: ['video/x-msvideo', 'video/avi', 'video/vnd.avi', 'application/avi'],
  wmv: ['video/x-ms-wmv', 'video/x-ms-asf', 'application/vnd.ms-asf', 'video/wmv'],
  wma: ['audio/x-ms-wma', 'audio/x-ms-asf', 'audio/wma'],
  aiff: ['audio/aiff', 'audio/aif', 'sound/aiff'],
  caf: ['audio/x-caf'],
  '3gp': ['video/3gpp', 'video/3gp'],
  '3ga': ['audio/3gpp', 'audio/3gp'],
  '3g2': ['video/3gpp2', 'video/3g2'],
  flv: ['video/x-flv', 'application/flv'],
  mxf: ['application/mxf', 'video/mxf'],
} as const satisfies Record<string, readonly [string, ...string[]]>;

/** A format of recordings, by the ending that its files usually have. */
export type MediaFormat = keyof typeof formats;

// An `x-` before a subtype makes no difference (RFC 6648): `audio/x-wav` is `audio/wav`.
const key = (mediaType: string): string => mediaType.replace('/x-', '/');

const formatByKey = new Map(
  (Object.keys(formats) as MediaFormat[]).flatMap((format) => formats[format].map((name) => [key(name), format])),
);

const wellFormed = /^[a-z0-9][\w.+-]*\/[a-z0-9][\w.+-]*$/;
// What is said of bytes by those who do not know what they are.
const vague =
  /\/(octet-?stream|binary|unknown|default|file|media|plain|(force-?)?download|save|www-form-urlencoded|form-data)$/;
const playlist = /\/(vnd\.apple\.)?mpegurl$|\/scpls$/;

/** The format of a media type in any of its spellings; null for one that is in no table of ours. */
export function formatOf(mediaType: string): MediaFormat | null {
  return formatByKey.get(key(mediaType)) ?? null;
}

/**
 * The one name of a media type, whatever its case, parameters and spelling; null for text that is none, and for those
 * that say nothing, such as `application/octet-stream`.
 */
export function readMediaType(written: string): string | null {
  const mediaType = written.split(';', 1).join('').trim().toLowerCase();
  if (!wellFormed.test(mediaType) || vague.test(key(mediaType))) return null;
  const format = formatOf(mediaType);
  return format === null ? mediaType : formats[format][0];
}

/** Whether a media type is one of audio or video: of a format that we know, or by its first word; playlists are not. */
export function isMedia(mediaType: string): boolean {
  return formatOf(mediaType) !== null || (/^(audio|video)\//.test(mediaType) && !playlist.test(key(mediaType)));
}
