#!/bin/sh
# Makes examples/media anew from nothing but a text and test sources; needs espeak-ng and ffmpeg.
set -eu
cd "$(dirname "$0")/../examples/media"

text='Good morning. This recording was made to be sent away. Four services will listen to it, each in its own time.
One is quick, one is slow, and one asks for the same piece twice. In the end, every word comes back.'

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
espeak-ng -v en-gb -s 160 -w "$scratch/speech.wav" "$text"
ffmpeg -v error -y -i "$scratch/speech.wav" -ar 16000 -ac 1 -c:a pcm_s16le \
  -map_metadata -1 -fflags +bitexact -flags:a +bitexact speech.wav

# The noise keeps the picture from shrinking: ten seconds at 1.5 Mbit/s are about eight chunks of 256 KiB.
ffmpeg -v error -y -f lavfi -i 'testsrc2=size=640x360:rate=25,noise=alls=20:allf=t:all_seed=7' -i speech.wav -t 10 \
  -c:v libx264 -threads 1 -preset medium -b:v 1450k -minrate 1450k -maxrate 1450k -bufsize 1450k -pix_fmt yuv420p \
  -c:a aac -b:a 64k -ac 1 -map_metadata -1 -fflags +bitexact -flags:v +bitexact -flags:a +bitexact \
  -movflags +faststart clip.mp4
