// A reader of an exported pair that shares nothing with this project: node client.cjs REQUEST.json
// The request names the files, a picture of RGB bytes already resized, and prompts in pixels of the input; the answer is the masks.
const fs = require('fs');
const request = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'));
const ort = require(request.module);

const MEAN = [123.675, 116.28, 103.53], DEVIATION = [58.395, 57.12, 57.375];

async function main() {
    const encoder = await ort.InferenceSession.create(request.encoder), decoder = await ort.InferenceSession.create(request.decoder);
    const { width, height, size } = request, pixels = fs.readFileSync(request.pixels);
    const planes = new Float32Array(3 * size * size);
    for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++)
            for (let c = 0; c < 3; c++)
                planes[(c * size + y) * size + x] = (pixels[(y * width + x) * 3 + c] - MEAN[c]) / DEVIATION[c];
    const { image_embeddings } = await encoder.run({ input_image: new ort.Tensor('float32', planes, [1, 3, size, size]) });
    const low = size / 4, answers = [];
    for (const { coordinates, labels } of request.prompts) {
        const result = await decoder.run({
            image_embeddings,
            point_coords: new ort.Tensor('float32', Float32Array.from(coordinates), [1, labels.length, 2]),
            point_labels: new ort.Tensor('float32', Float32Array.from(labels), [1, labels.length]),
            mask_input: new ort.Tensor('float32', new Float32Array(low * low), [1, 1, low, low]),
            has_mask_input: new ort.Tensor('float32', new Float32Array(1), [1]),
            orig_im_size: new ort.Tensor('float32', Float32Array.from(request.original), [2]),
        });
        answers.push(Buffer.from(Uint8Array.from(result.masks.data, logit => logit > 0 ? 1 : 0)));
    }
    fs.writeFileSync(request.answer, Buffer.concat(answers));
}

main().catch(error => {
    console.error(error.message);
    process.exit(1);
});
