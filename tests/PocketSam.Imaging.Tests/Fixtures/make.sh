#!/bin/bash
# Makes all files of this folder anew. See README.md.
set -euo pipefail
cd "$(dirname "$0")"
rm -f *.ppm *.jpg *.png *.webp
export LC_ALL=C
im=/usr/bin/convert

# A picture with slopes, a disc of strong colour and some noise.
$im -size 37x29 xc: -depth 8 -seed 7 \
    -channel R -fx 'i/w' -channel G -fx 'j/h' -channel B -fx '0.5+0.5*sin(i*j/20)' +channel \
    -fill '#f02010' -draw 'circle 20,12 26,12' -attenuate 0.1 +noise Gaussian base.ppm

# JPEG. djpeg's defaults (accurate integer DCT, smooth upsampling) give what is expected.
for s in 1x1 2x1 2x2 1x2 4x1 3x1; do cjpeg -quality 85 -sample $s base.ppm > sampling-$s.jpg; done
cjpeg -quality 85 -progressive base.ppm > progressive.jpg
cjpeg -quality 85 -restart 1 base.ppm > restart.jpg
cjpeg -quality 85 -rgb base.ppm > rgb.jpg
cjpeg -quality 85 -grayscale base.ppm > gray.jpg
$im base.ppm -colorspace CMYK -quality 85 ycck.jpg
/usr/bin/python3 -c "
from PIL import Image
Image.open('base.ppm').convert('CMYK').save('cmyk.jpg', quality=85)"
for f in *.jpg; do djpeg "$f" > "$f.ppm"; done
djpeg -rgb gray.jpg > gray.jpg.ppm
# Two bytes of waste before the end marker: libjpeg warns and goes on.
python3 -c "
j = open('sampling-1x1.jpg', 'rb').read()
open('extraneous.jpg', 'wb').write(j[:-2] + b'\x12\x34' + j[-2:])"
cp sampling-1x1.jpg.ppm extraneous.jpg.ppm

# EXIF orientation, both byte orders; what is expected comes from ImageMagick's -auto-orient.
$im base.ppm -crop 24x16+8+4 +repage crop.ppm
for o in 1 2 3 4 5 6 7 8; do
    cjpeg -quality 90 -sample 1x1 crop.ppm > orientation-$o.jpg
    if ((o % 2)); then order=MM; else order=II; fi
    exiftool -q -overwrite_original -n -ExifByteOrder=$order -Orientation=$o orientation-$o.jpg
    $im orientation-$o.jpg -auto-orient -depth 8 orientation-$o.jpg.ppm
done
rm crop.ppm

# PNG. Pillow's convert('RGB') gives what is expected.
$im base.ppm PNG24:rgb.png
$im base.ppm -interlace PNG PNG24:interlaced.png
$im base.ppm -colors 40 +dither PNG8:palette.png
$im base.ppm -channel A -fx 'i/w' +channel PNG32:alpha.png
$im base.ppm -set gamma 1 -gamma 1 -define png:exclude-chunks=all -define png:include-chunk=gAMA PNG24:gamma.png
$im base.ppm -colorspace Gray -depth 4 -define png:color-type=0 -define png:bit-depth=4 gray4.png
cp rgb.png orientation.png
exiftool -q -overwrite_original -n -Orientation=6 orientation.png 2> /dev/null

# WebP. dwebp gives what is expected.
cwebp -quiet -q 80 base.ppm -o lossy.webp
cwebp -quiet -lossless base.ppm -o lossless.webp
cwebp -quiet -q 80 alpha.png -o lossy-alpha.webp
cwebp -quiet -lossless -exact alpha.png -o lossless-alpha.webp
for f in *.webp; do dwebp -quiet -ppm "$f" -o "$f.ppm"; done
exiftool -b -Exif orientation-6.jpg > six.exif
webpmux -set exif six.exif lossless.webp -o orientation.webp 2> /dev/null
rm six.exif
$im base.ppm \( base.ppm -negate \) -loop 0 animated.gif
gif2webp -quiet animated.gif -o animated.webp
rm animated.gif

/usr/bin/python3 - <<'PYTHON'
import glob
from PIL import Image, ImageOps
for f in glob.glob('*.png') + ['orientation.webp']:
    im = ImageOps.exif_transpose(Image.open(f))
    im.convert('RGB').save(f + '.ppm')
for f in sorted(glob.glob('*.jpg') + glob.glob('*.webp')):
    if f == 'animated.webp':
        continue
    same = ImageOps.exif_transpose(Image.open(f)).convert('RGB').tobytes() == Image.open(f + '.ppm').tobytes()
    print('Pillow agrees' if same else 'PILLOW DIFFERS', f)
PYTHON
