using System.Text;
using System.Text.Json;

namespace PocketSam.Page.Tests;

/// <summary>The page's modules that know no document, in the browser. A script throws where something is wrong.</summary>
[Collection(PageCollection.Name)]
public class ModuleTests(Chromium chromium, SharedService service)
{
    private const string Prelude =
        """
        const load = (name) => import(new URL(name.startsWith('label/') ? `${name}.js` : `scripts/${name}.js`, document.baseURI).href);
        const same = (actual, expected, what = '') => {
          if (JSON.stringify(actual) !== JSON.stringify(expected)) throw new Error(`${what}: ${JSON.stringify(actual)} instead of ${JSON.stringify(expected)}`);
        };
        // Numbers that repeat, so that a failure does too.
        let seed = 1;
        const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
        const randomMask = (width, height, share) => Array.from({ length: width * height }, () => (random() < share ? 1 : 0));
        const countsOf = (bits) => {
          const counts = [0];
          bits.forEach((bit) => { if (bit === (counts.length - 1) % 2) counts[counts.length - 1]++; else counts.push(1); });
          return counts;
        };
        """;

    [Fact]
    public Task Filters_HideNothingUntilTheyAreMoved() => RunAsync(
        """
        const { ALL, passes, scoreOfNotch, shareOfNotch } = await load('model/filters');
        const photo = { width: 100, height: 100 };
        const masks = [{ iou: -0.02, stability: 0, area: 1 }, { iou: 1.03, stability: 1, area: 10000 }];
        const start = { iou: scoreOfNotch(0, 100), stability: scoreOfNotch(0, 100), smallest: shareOfNotch(0, 100), largest: shareOfNotch(100, 100) };
        for (const mask of masks) same([passes(mask, ALL, photo), passes(mask, start, photo)], [true, true], mask.iou);
        same(masks.map((mask) => passes(mask, { ...start, iou: scoreOfNotch(1, 100) }, photo)), [false, true], 'moved');
        """);

    [Fact]
    public Task RunLengths_AreReadWrittenAndAsked() => RunAsync(
        """
        const { MaskRuns, encodeCounts, decodeCounts } = await load('model/rle');
        same(decodeCounts('52203'), [5, 2, 2, 2, 5], 'a known string');
        for (let round = 0; round < 200; round++) {
          const [width, height] = [1 + Math.floor(random() * 40), 1 + Math.floor(random() * 40)];
          const [bits, others] = [randomMask(width, height, round / 200), randomMask(width, height, 0.2)];
          const counts = countsOf(bits);
          same(decodeCounts(encodeCounts(counts)), counts, 'counts');
          const runs = MaskRuns.decode({ size: [height, width], counts: encodeCounts(counts) });
          const joined = runs.union(MaskRuns.decode({ size: [height, width], counts: countsOf(others) }));
          bits.forEach((bit, i) => {
            const [x, y] = [Math.floor(i / height), i % height];
            same(runs.contains(x, y), bit === 1, `pixel ${x}, ${y}`);
            same(joined.contains(x, y), bit + others[i] > 0, `joined pixel ${x}, ${y}`);
          });
          same(runs.area, bits.reduce((sum, bit) => sum + bit, 0), 'area');
          same(decodeCounts(runs.encode().counts), counts.length === 1 ? [width * height] : counts, 'encoded again');
          const at = runs.anchor();
          if (at) same(runs.contains(Math.floor(at.x), Math.floor(at.y)), true, 'anchor');
        }
        for (const damaged of [{ size: [4, 4], counts: '5' }, { size: [4, 4], counts: 'PPP' }, { size: [4, 4], counts: [20] }]) {
          let thrown = false;
          try { MaskRuns.decode(damaged); } catch { thrown = true; }
          same(thrown, true, JSON.stringify(damaged));
        }
        """);

    [Fact]
    public Task Masks_AreRasterizedAndOutlined() => RunAsync(
        """
        const { MaskRuns } = await load('model/rle');
        const { rasterize, traceBorder, stepFor, packColor } = await load('model/raster');
        same([0.3, 0.5, 1, 2].map(stepFor), [2, 2, 1, 1], 'steps');
        same(packColor('#2f80ed'), 0xffed802f, 'color');
        for (let round = 0; round < 100; round++) {
          const [width, height] = [1 + Math.floor(random() * 30), 1 + Math.floor(random() * 30)];
          const bits = randomMask(width, height, round / 100);
          const runs = MaskRuns.decode({ size: [height, width], counts: countsOf(bits) });
          const bit = (x, y) => (x >= 0 && y >= 0 && x < width && y < height ? bits[x * height + y] : 0);
          const [left, top] = [Math.floor(random() * width), Math.floor(random() * height)];
          const { columns, pixels } = rasterize(runs, [left, top, width, height], 1, 7);
          let length = 0;
          let border = 0;
          traceBorder(runs, 1, (x0, y0, x1, y1) => (length += x1 - x0 + y1 - y0));
          for (let y = -1; y < height; y++) {
            for (let x = -1; x < width; x++) {
              if (x >= left && y >= top) same(pixels[(y - top) * columns + x - left], 7 * bit(x, y), `pixel ${x}, ${y}`);
              border += (bit(x, y) !== bit(x + 1, y)) + (bit(x, y) !== bit(x, y + 1));
            }
          }
          same(length, border, 'length of the border');
          for (const step of [2, 4]) traceBorder(runs, step, (x0, y0, x1, y1) => same([x0, y0, x1, y1].every((v) => v % step === 0), true, 'grid'));
        }
        """);

    [Fact]
    public Task Views_ZoomAroundThePointer_AndStayInSight() => RunAsync(
        """
        const view = await load('model/viewport');
        const [stage, photo] = [{ width: 800, height: 600 }, { width: 3000, height: 4000 }];
        const fitted = view.fit(stage, photo, { x: 50, y: 20 });
        same(fitted.scale, 560 / 4000, 'scale');
        const at = { x: 310, y: 280 };
        const before = view.toPhoto(fitted, at);
        const closer = view.zoomAt(fitted, 4, at, stage, photo);
        const after = view.toPhoto(closer, at);
        same([Math.abs(before.x - after.x) < 1e-6, Math.abs(before.y - after.y) < 1e-6], [true, true], 'pointer');
        const back = view.toScreen(closer, after);
        same([Math.round(back.x), Math.round(back.y)], [310, 280], 'there and back');
        same(view.zoomAt(fitted, 1e9, at, stage, photo).scale, view.MAX_SCALE, 'largest');
        const gone = view.pan(fitted, 1e6, -1e6, stage, photo);
        same([gone.x < stage.width, gone.y + photo.height * gone.scale > 0], [true, true], 'in sight');
        same(view.visiblePart({ scale: 1, x: -100, y: 50 }, stage, photo), [100, 0, 900, 550], 'visible part');
        const shown = view.toScreen(view.reveal(closer, { x: 2990, y: 3990 }, stage), { x: 2990, y: 3990 });
        same([shown.x <= 760.001, shown.y <= 560.001], [true, true], 'revealed');
        """);

    [Fact]
    public Task Pictures_AreTurnedUpright() => RunAsync(
        """
        const { upright, webpOrientation } = await load('stage/orientation');
        const bitmap = await createImageBitmap(new ImageData(new Uint8ClampedArray([...'abcdef'].flatMap((c) => [c.charCodeAt(0), 0, 0, 255])), 3, 2));
        const expected = ['abc def', 'cba fed', 'fed cba', 'def abc', 'ad be cf', 'da eb fc', 'fc eb da', 'cf be ad'];
        expected.forEach((rows, i) => {
          const turned = upright(bitmap, i + 1);
          const context = new OffscreenCanvas(turned.width, turned.height).getContext('2d', { willReadFrequently: true });
          context.drawImage(turned, 0, 0);
          const { data } = context.getImageData(0, 0, turned.width, turned.height);
          let text = '';
          for (let at = 0; at < data.length; at += 4) text += (at && at / 4 % turned.width === 0 ? ' ' : '') + String.fromCharCode(data[at]);
          same(text, rows, `orientation ${i + 1}`);
        });
        same(await webpOrientation(new Blob(['RIFF1234WEBPEXIF', new Uint8Array([200, 0, 0, 0, 73, 73])])), null, 'cut off');
        same(await webpOrientation(new Blob(['no picture'])), null, 'something else');
        """);

    [Fact]
    public Task History_UndoesStepsAndGestures() => RunAsync(
        """
        const { History } = await load('model/history');
        const history = new History('a');
        same([history.canUndo, history.undo(), history.value], [false, false, 'a'], 'at the beginning');
        history.push('b');
        history.push('c', 'name');
        history.push('d', 'name');
        history.undo();
        same(history.value, 'b', 'steps with a tag are one');
        history.redo();
        same(history.value, 'd', 'redo');
        history.preview('x');
        history.preview('y');
        history.rollback();
        same(history.value, 'd', 'rolled back');
        history.preview('x');
        history.preview('z');
        history.commit();
        history.undo();
        same(history.value, 'd', 'a gesture is one step');
        history.push('e');
        same(history.canRedo, false, 'a step ends what could be redone');
        """);

    [Fact]
    public Task Prompts_AreHitMovedAndResized() => RunAsync(
        """
        const prompts = await load('model/prompts');
        const photo = { width: 100, height: 80 };
        same(prompts.boxBetween({ x: 50, y: 60 }, { x: -5, y: 200 }, photo), [0, 60, 50, 80], 'held inside');
        same(prompts.boxBetween({ x: 5, y: 5 }, { x: 5.2, y: 50 }, photo), null, 'empty');
        same(prompts.moveBox([10, 10, 40, 30], 100, -100, photo), [70, 0, 100, 20], 'moved');
        same(prompts.resizeBox([10, 10, 40, 30], { h: 1, v: 0 }, { x: 5, y: 0 }, photo), [5, 10, 10, 30], 'turned over');
        const draft = { points: [{ id: 1, x: 20, y: 20, label: 1 }], box: [10, 10, 60, 60], mask: null };
        const view = { scale: 2, x: 0, y: 0 };
        same(prompts.hitTest(draft, view, { x: 41, y: 41 }, 8).point.id, 1, 'point');
        same(prompts.hitTest(draft, view, { x: 120, y: 120 }, 8).handle.h, 1, 'handle');
        same(prompts.hitTest(draft, view, { x: 21, y: 45 }, 8).edge, true, 'edge');
        same(prompts.hitTest(draft, view, { x: 100, y: 90 }, 8), null, 'inside');
        same(prompts.promptOf({ points: [], box: null, mask: null }), null, 'nothing to ask');
        same(prompts.promptOf({ points: [], box: [1, 2, 3, 4], mask: null }, true), { points: [], box: [1, 2, 3, 4], min_region: 0.01 }, 'specks');
        """);

    [Fact]
    public Task Fingerprints_TellPicturesApart() => RunAsync(
        """
        const { fingerprint } = await load('model/fingerprint');
        const bytes = (count, last = 0) => { const made = new Uint8Array(count); made[count - 1] = last; return made; };
        const prints = [bytes(1), bytes(2), bytes(1000), bytes(1000, 1), bytes(1000, 2)].map(fingerprint);
        same(new Set(prints).size, prints.length, 'all differ');
        same(fingerprint(bytes(1000, 1)), prints[3], 'the same of the same');
        """);

    [Fact]
    public Task Objects_AreKeptWithAllThatMadeThem() => RunAsync(
        """
        const documents = await load('model/document');
        const { maskOf } = await load('model/mask');
        const mask = maskOf({ rle: { size: [4, 3], counts: [2, 5, 5] }, predicted_iou: 0.5, stability_score: 0.25 });
        let made = documents.addPoint(documents.nameDraft(documents.EMPTY_DOCUMENT, 'cup'), 1, 2, 1);
        made = documents.accept(made, mask);
        const [record] = made.objects.map(documents.recordOf);
        const [object] = documents.restored(structuredClone([record])).objects;
        same([object.name, object.color, object.visible, object.mask.area, object.mask.iou], ['cup', made.objects[0].color, true, 5, 0.5], 'object');
        same(object.prompts.points.map(({ x, y, label }) => [x, y, label]), [[1, 2, 1]], 'prompts');
        same(documents.recordOf(object), record, 'kept again');
        """);

    /// <summary>A record that changed after it was absorbed has what its absorber never saw.</summary>
    [Fact]
    public Task Records_AreTakenOverOnlyAsTheyWereRead() => RunAsync(
        """
        const { ObjectStore } = await load('objectstore');
        const [one, other] = [new ObjectStore(), new ObjectStore()];
        const object = (name) => ({ name, mask: { rle: { size: [1, 1], counts: [1] } } });
        const [cup, dog, cat] = ['cup', 'dog', 'cat'].map(object);
        const namesIn = async (picture) => (await one.load(picture)).objects.map(({ name }) => name);
        for (const [picture, change, expected] of [['still', false, ['cup', 'cat']], ['changed', true, ['cup', 'dog', 'cat']]]) {
          await one.save(picture, 'one', [cup]);
          const { objects, records } = await other.load(picture);
          same(objects.map(({ name }) => name), ['cup'], 'what is absorbed');
          if (change) await one.save(picture, 'one', [cup, dog]);
          await other.save(picture, 'other', [cup, cat], records);
          same(await namesIn(picture), expected, picture);
          same((await one.load(picture)).records.map(({ author }) => author), change ? ['one', 'other'] : ['other'], picture);
        }
        await other.save('still', 'other', []);
        same(await namesIn('still'), [], 'deleted');
        """);

    [Fact]
    public Task Objects_AreRemovedByTheirNumbers() => RunAsync(
        """
        const documents = await load('model/document');
        const { maskOf } = await load('model/mask');
        const mask = maskOf({ rle: { size: [4, 3], counts: [2, 5, 5] }, predicted_iou: 0.5, stability_score: 0.25 });
        let made = ['cup', 'dog', 'cat'].reduce((value, name) => documents.take(documents.nameDraft(value, name), mask), documents.EMPTY_DOCUMENT);
        const [cup, dog] = made.objects;
        made = documents.addPoint(made, 1, 2, 1);
        const rest = documents.removeObjects(made, [cup.id, dog.id]);
        same([rest.objects.map(({ name }) => name), rest.draft.points.length], [['cat'], 1], 'the object in work stays');
        same(documents.removeObjects(documents.edit(made, dog.id), [dog.id]).draft.editing, null, 'unless it is one of them');
        """);

    [Fact]
    public Task Events_AreReadInPieces() => RunAsync(
        """
        const { readEvents } = await load('service/eventstream');
        const text = ': hello\n\nevent: progress\ndata: {"done":1}\n\nevent: mask\r\ndata: {"a":\r\ndata: 2}\r\n\r\nevent: cut\ndata: {}';
        for (const size of [1, 3, 7, 1000]) {
          const pieces = [];
          for (let at = 0; at < text.length; at += size) pieces.push(new TextEncoder().encode(text.slice(at, at + size)));
          const body = new ReadableStream({ start(out) { pieces.forEach((piece) => out.enqueue(piece)); out.close(); } });
          const events = [];
          for await (const event of readEvents({ body })) events.push(event);
          same(events, [{ name: 'progress', data: { done: 1 } }, { name: 'mask', data: { a: 2 } }], `pieces of ${size}`);
        }
        """);

    [Fact]
    public Task RequestQueue_RunsTheLatest() => RunAsync(
        """
        const { RequestQueue } = await load('service/requestqueue');
        const queue = new RequestQueue();
        const log = [];
        const work = (name, milliseconds) => (signal) => new Promise((resolve, reject) => {
          log.push(name);
          const timer = setTimeout(() => resolve(name), milliseconds);
          signal.addEventListener('abort', () => { clearTimeout(timer); reject(signal.reason); });
        });
        const first = queue.run(work('a', 20));
        const dropped = queue.run(work('b', 20));
        const last = queue.run(work('c', 20));
        same(await Promise.all([first, dropped, last]), ['a', null, 'c'].map((name) => name ?? undefined), 'results');
        same(log, ['a', 'c'], 'what ran');
        const slow = queue.run(work('slow', 60_000));
        same([await queue.run(work('next', 1)), await slow], ['next', undefined], 'a slow one gives way');
        """);

    [Fact]
    public Task Palette_IsThatOfTheLibrary() => RunAsync(
        $$"""
        const { maskColor, colorFor } = await load('model/palette');
        same(Array.from({ length: 300 }, (_, i) => maskColor(i)), [{{string.Join(", ", Enumerable.Range(0, 300).Select(Hex))}}], 'colours');
        const objects = [{ name: 'cat', color: maskColor(0) }, { name: '', color: maskColor(2) }];
        same([colorFor('cat', objects), colorFor('dog', objects), colorFor('', objects)], [maskColor(0), maskColor(1), maskColor(1)], 'objects');
        """);

    [Fact]
    public Task Embeddings_AreUnpacked() => RunAsync(
        """
        const { unpack } = await load('decoding/packed');
        const buffer = new ArrayBuffer(2 * 4 + 8 * 2);
        const view = new DataView(buffer);
        [0.5, 0.25].forEach((scale, i) => view.setFloat32(4 * i, scale, true));
        [1, -2, 32767, -32767, 4, 0, -4, 8].forEach((number, i) => view.setInt16(8 + 2 * i, number, true));
        same([...unpack(buffer, [1, 2, 2, 2])], [0.5, -1, 16383.5, -16383.5, 1, 0, -1, 2], 'values');
        """);

    /// <summary>Holes are filled and islands dropped, the largest kept, as the library does it.</summary>
    [Fact]
    public Task Specks_AreRemovedAsByTheLibrary()
    {
        var random = new Random(7);
        List<string> cases = [];
        for (int round = 0; round < 60; round++)
        {
            Rle mask = Blobs(random, 1 + random.Next(60), 1 + random.Next(60));
            double share = round % 3 * 0.03 + 0.005;
            cases.Add(JsonSerializer.Serialize(new object[] { mask, share, mask.RemoveSmallRegions(share) }));
        }

        return RunAsync(
            $$"""
            const { MaskRuns } = await load('model/rle');
            const { withoutSpecks } = await load('model/regions');
            for (const [mask, share, expected] of [{{string.Join(",\n", cases)}}]) {
              const found = withoutSpecks(MaskRuns.decode(mask), share);
              same(found.encode(), MaskRuns.decode(expected).encode(), JSON.stringify([mask, share]));
            }
            """);
    }

    /// <summary>A mask to start from becomes the logits that the library makes of it.</summary>
    [Fact]
    public Task Masks_BecomeLogitsAsInTheLibrary()
    {
        var random = new Random(9);
        List<string> cases = [];
        foreach ((int width, int height, int multiple) in ((int, int, int)[])[(90, 60, 1), (33, 70, 1), (128, 128, 16), (300, 41, 16), (1, 50, 1)])
        {
            Rle mask = Blobs(random, width, height);
            MaskLogits logits = MaskLogits.From(mask.ToMask(), ImageGeometry.For(width, height, 128, multiple));
            cases.Add(JsonSerializer.Serialize(new object[] { mask, multiple, logits.Values.ToArray() }));
        }

        return RunAsync(
            $$"""
            const { MaskRuns } = await load('model/rle');
            const { logitsOf } = await load('decoding/shrink');
            const { geometryOf } = await load('decoding/geometry');
            for (const [mask, multiple, expected] of [{{string.Join(",\n", cases)}}]) {
              const [height, width] = mask.size;
              const found = logitsOf(MaskRuns.decode(mask), geometryOf(width, height, 8, multiple));
              same(found.length, expected.length, 'length');
              found.forEach((value, i) => same(Math.abs(value - expected[i]) < 1e-4, true, `${mask.size}, ${i}: ${value}, ${expected[i]}`));
            }
            """);
    }

    /// <summary>A lone point may mean several things; anything more means one.</summary>
    [Fact]
    public Task Masks_AreChosenByTheRuleOfTheModel() => RunAsync(
        """
        const { choiceOf, tokensOf } = await load('decoding/tokens');
        const point = { x: 1, y: 2, label: 1 };
        const ious = Float32Array.of(0.9, 0.2, 0.7, 0.7);
        same(choiceOf({ points: [point] }, 'multi', ious), { masks: [1, 2, 3], best: 1 }, 'the best of three, the first of equals');
        same(choiceOf({ points: [point] }, 'single', ious), { masks: [0, 1, 2, 3], best: 0 }, 'the first of all');
        for (const prompt of [{ points: [point, point] }, { points: [point], box: [0, 0, 1, 1] }, { points: [point], mask: {} }, { points: [], box: [0, 0, 1, 1] }])
          same(choiceOf(prompt, 'single', ious), { masks: [0], best: 0 }, JSON.stringify(prompt));
        const geometry = { width: 10, height: 20, resizedWidth: 20, resizedHeight: 40 };
        const tokens = (prompt) => { const { coordinates, labels } = tokensOf(prompt, geometry); return [[...coordinates], [...labels]]; };
        same(tokens({ points: [point] }), [[2, 4, 0, 0], [1, -1]], 'a point is followed by one that stands for no box');
        same(tokens({ points: [{ ...point, label: 0 }], box: [1, 2, 3, 4] }), [[2, 4, 2, 4, 6, 8], [0, 2, 3]], 'a box follows points');
        """);

    /// <summary>Rectangles of many sizes on and off each other.</summary>
    private static Rle Blobs(Random random, int width, int height)
    {
        var mask = new BinaryMask(width, height);
        for (int i = 0; i < 14; i++)
        {
            int left = random.Next(width), top = random.Next(height), columns = 1 + random.Next(width / (1 + i / 3)), rows = 1 + random.Next(height / (1 + i / 3));
            for (int y = top; y < Math.Min(height, top + rows); y++)
            {
                for (int x = left; x < Math.Min(width, left + columns); x++)
                    mask[x, y] = i % 3 != 1;
            }
        }

        return Rle.Encode(mask);
    }

    [Fact]
    public Task RunLengths_AreThoseOfTheLibrary_ByteForByte() => RunAsync(
        $$"""
        const { MaskRuns } = await load('model/rle');
        for (const { width, height, counts, bytes } of [{{string.Join(", ", Enumerable.Range(1, 60).Select(Mask))}}]) {
          const expected = Uint8Array.from(bytes, Number);
          const runs = MaskRuns.decode({ size: [height, width], counts });
          same([...runs.toBytes()], [...expected], 'bytes');
          same(MaskRuns.fromBytes(expected, width, height).encode(), { size: [height, width], counts }, 'string');
        }
        """);

    [Fact]
    public Task Masks_AreCombined() => RunAsync(
        """
        const { MaskRuns } = await load('model/rle');
        for (let round = 0; round < 150; round++) {
          const [width, height] = [1 + Math.floor(random() * 25), 1 + Math.floor(random() * 25)];
          const [a, b] = [round / 150, 0.4].map((share) => Uint8Array.from(randomMask(width, height, share)));
          const [one, other] = [a, b].map((bytes) => MaskRuns.fromBytes(bytes, width, height));
          same([...one.intersect(other).toBytes()], [...a.map((bit, i) => bit & b[i])], 'both');
          same([...one.subtract(other).toBytes()], [...a.map((bit, i) => bit & (1 - b[i]))], 'without');
          same([one.equals(one.union(one)), one.equals(other)], [true, a.join() === b.join()], 'equal');
          const box = [Math.floor(width / 3), Math.floor(height / 3), width, height];
          same([...MaskRuns.fromBytes(one.toBytes(box), width, height, box).toBytes(box)], [...one.toBytes(box)], 'a part');
        }
        """);

    [Fact]
    public Task Shapes_AreFilledSplitOutlinedAndPainted() => RunAsync(
        """
        const { MaskRuns } = await load('model/rle');
        const shapes = await load('label/shapes');
        const ring = MaskRuns.fromBytes(Uint8Array.from([1,1,1,0,0, 1,0,1,0,0, 1,1,1,0,1]), 3, 5);
        same([...shapes.fillHoles(ring).toBytes()], [1,1,1,0,0, 1,1,1,0,0, 1,1,1,0,1], 'hole');
        same(shapes.splitParts(ring).map(({ area }) => area), [8, 1], 'parts');
        same([...shapes.dropIslands(ring).toBytes()], [1,1,1,0,0, 1,0,1,0,0, 1,1,1,0,0], 'island');
        same(shapes.splitParts(MaskRuns.fromBytes(Uint8Array.from([1,0,0,1]), 2, 2)).length, 2, 'corners do not connect');
        for (let round = 0; round < 150; round++) {
          const size = { width: 1 + Math.floor(random() * 20), height: 1 + Math.floor(random() * 20) };
          const bits = Uint8Array.from(randomMask(size.width, size.height, round / 150));
          const runs = MaskRuns.fromBytes(bits, size.width, size.height);
          same([...shapes.fillRings(shapes.ringsOf(runs), size).toBytes()], [...bits], 'the border holds the mask');
          const parts = shapes.splitParts(runs, 1000);
          same(parts.reduce((sum, { area }) => sum + area, 0), runs.area, 'all parts');
          const [from, to] = [0, 1].map(() => ({ x: random() * size.width, y: random() * size.height }));
          const radius = 0.7 + random() * 5;
          const stroke = shapes.strokeOf(from, to, radius, size);
          for (let x = 0; x < size.width; x++) {
            for (let y = 0; y < size.height; y++) {
              const off = shapes.distanceToSegment({ x: x + 0.5, y: y + 0.5 }, from, to);
              if (Math.abs(off - radius) > 1e-6) same(stroke.contains(x, y), off < radius, `stroke at ${x}, ${y}`);
            }
          }
        }
        const circle = Array.from({ length: 200 }, (_, i) => ({ x: 50 + 40 * Math.cos(i / 200 * 2 * Math.PI), y: 50 + 40 * Math.sin(i / 200 * 2 * Math.PI) }));
        const simple = shapes.simplify(circle, 0.5);
        same([simple.length < 40, circle.every((point) => simple.some((a, i) => shapes.distanceToSegment(point, a, simple[(i + 1) % simple.length]) <= 0.5))], [true, true], 'fewer points, near enough');
        """);

    [Fact]
    public Task Changes_OfTwoPeople_AreCompared() => RunAsync(
        """
        const merge = await load('label/merge');
        const object = (id, counts, classId = 1) => ({ id, classId, rle: { size: [4, 4], counts }, attributes: {}, made: 'click', score: null });
        const base = [object(1, 'a'), object(2, 'b'), object(3, 'c')];
        const changes = [
          { op: 'update', id: 1, object: { classId: 2 } },
          { op: 'remove', id: 2 },
          { op: 'add', ref: 'new-x', object: { ...object(undefined, 'd'), id: undefined } }];
        const mine = merge.applyChanges(base, changes);
        same(mine.map(({ id, classId }) => [id, classId]), [[1, 2], [3, 1], ['new-x', 1]], 'mine');
        const entry = { changes, before: merge.before(base, changes) };
        same(entry.before.map(({ id }) => id), [1, 2], 'touched');

        // They changed the mask of the first one, and left the second one alone.
        const rows = merge.conflictRows([entry], [object(1, 'A'), object(2, 'b'), object(3, 'C')]);
        same(rows.map(({ id, isDisputed, choice }) => [id, isDisputed, choice]), [[1, true, 'theirs'], [2, false, 'mine'], ['new-x', false, 'mine']], 'rows');
        same(merge.resolved(rows).map(({ op, id }) => [op, id]), [['remove', 2], ['add', null]], 'theirs stays');
        same(merge.resolved(rows.map((row) => ({ ...row, choice: 'mine' })))[0], { op: 'update', id: 1, object: { classId: 2, rle: { size: [4, 4], counts: 'a' }, attributes: {} } }, 'mine on top of theirs');

        // A change that has arrived, and whose answer was lost, is no conflict.
        same(merge.conflictRows([entry], [object(1, 'a', 2), object(3, 'c'), object(9, 'd')]), [], 'arrived');
        same([...merge.idsOfAdded(changes, { objects: [object(1, 'a', 2), object(3, 'c'), object(9, 'd')] }, new Set([1, 2, 3]))], [['new-x', 9]], 'found by its mask');
        same([...merge.idsOfAdded(changes, { added: [7], objects: [] }, new Set())], [['new-x', 7]], 'told');
        same([...merge.idsOfAdded(changes, { objects: [object(8, 'other')] }, new Set())], [], 'not there');
        const later = { changes: [{ op: 'update', id: 'new-x', object: { classId: 2 } }], before: [object('new-x', 'd')] };
        const half = merge.conflictRows([{ ...entry, knownIds: [1, 2, 3] }, later], [object(1, 'a', 2), object(3, 'c'), object(9, 'd')]);
        same(merge.resolved(half).map(({ op, id, object: { classId } }) => [op, id, classId]), [['update', 9, 2]], 'what came after it goes on');
        same(merge.withIds([{ op: 'update', id: 'new-x', object: {} }], new Map([['new-x', 9]])), [{ op: 'update', id: 9, object: {} }], 'ids');
        """);

    [Fact]
    public Task Outbox_SendsInOrder_KeepsWhatIsNotAcknowledged_AndWaitsForAPerson() => RunAsync(
        """
        const { Outbox } = await load('label/outbox');
        const { ServiceError } = await load('service/errors');
        const kept = new Map();
        const storage = { all: async () => [...kept.values()], put: async (entry) => kept.set(entry.key, entry), delete: async (key) => kept.delete(key) };
        const log = [];
        let answer;
        const send = async (entry) => { log.push([entry.key, entry.baseVersion]); return answer(entry); };
        const on = { acknowledged() {}, conflict: (id) => log.push(['conflict', id]), refused: ({ key }) => log.push(['refused', key]), changed() {} };
        const entry = (key, ref) => ({ key, order: 1, pictureId: 5, baseVersion: 1, before: [], knownIds: [], changes: ref ? [{ op: 'update', id: ref, object: {} }] : [{ op: 'add', ref: 'new-1', object: { rle: { counts: key } } }] });
        const until = async (isSo) => { while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 10)); };
        const box = new Outbox(storage, async () => { throw ServiceError.unreachable(); }, on);
        box.add(entry('a'));
        box.add(entry('b', 'new-1'));
        await until(() => box.phase === 'away' && kept.size === 2);
        same([await box.settled(5), box.takeBack(6)], [false, null], 'away');

        // Another page goes on with what is kept.
        log.length = 0;
        let version = 1;
        answer = (sent) => {
          if (sent.baseVersion !== version) throw new ServiceError('stale', { status: 409, problem: { version, objects: [] } });
          version++;
          return { version, objects: [{ id: 40, rle: { counts: 'a' } }], added: [40] };
        };
        const next = new Outbox(storage, send, on);
        await next.load();
        await until(() => next.phase === 'saved');
        same([log, kept.size, version], [[['a', 1], ['b', 2]], 0, 3], 'in order, one on top of the other');

        log.length = 0;
        next.add(entry('c'));
        await until(() => next.phase === 'conflict');
        same([log, await next.settled(5)], [[['c', 1], ['conflict', 5]], false], 'stale');
        next.replace(5, { ...entry('d'), baseVersion: 3 });
        await until(() => next.phase === 'saved');
        same([log.at(-1), next.count], [['d', 3], 0], 'decided');
        """);

    /// <summary>A mask as the library writes it, as an object of JavaScript.</summary>
    private static string Mask(int seed)
    {
        var random = new Random(seed);
        int width = random.Next(1, 30), height = random.Next(1, 30);
        var mask = new BinaryMask(width, height);
        for (int x = 0; x < width; x++)
        {
            for (int y = 0; y < height; y++)
                mask[x, y] = random.Next(60) < seed;
        }

        var bytes = new StringBuilder();
        for (int x = 0; x < width; x++)
        {
            for (int y = 0; y < height; y++)
                bytes.Append(mask[x, y] ? '1' : '0');
        }

        string counts = JsonSerializer.Serialize(Rle.Encode(mask).ToCompressed());
        return $"{{ width: {width}, height: {height}, counts: {counts}, bytes: '{bytes}' }}";
    }

    private static string Hex(int index)
    {
        (byte red, byte green, byte blue) = MaskColors.Of(index);
        return $"'#{red:x2}{green:x2}{blue:x2}'";
    }

    private async Task RunAsync(string script)
    {
        await using Visitor visitor = await chromium.VisitAsync(service.Url);
        await visitor.Page.EvaluateAsync($"async () => {{ {Prelude}\n{script} }}");
    }
}
