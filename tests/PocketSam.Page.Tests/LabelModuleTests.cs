using System.Text.Json;

namespace PocketSam.Page.Tests;

/// <summary>The labelling page's modules that know no document, in the browser. A script throws where something is wrong.</summary>
[Collection(PageCollection.Name)]
public class LabelModuleTests(Chromium chromium, SharedService service)
{
    private const string Prelude =
        """
        const load = (name) => import(new URL(`label/${name}.js`, document.baseURI).href);
        const same = (actual, expected, what = '') => {
          if (JSON.stringify(actual) !== JSON.stringify(expected)) throw new Error(`${what}: ${JSON.stringify(actual)} instead of ${JSON.stringify(expected)}`);
        };
        // A bitmap from rows of text, and back.
        const bitmapOf = (rows) => {
          const [width, height] = [rows[0].length, rows.length];
          return { width, height, data: Uint8Array.from({ length: width * height }, (_, i) => (rows[i % height][Math.floor(i / height)] === '#' ? 1 : 0)) };
        };
        const rowsOf = ({ width, height, data }) => Array.from({ length: height }, (_, y) => Array.from({ length: width }, (_, x) => (data[x * height + y] ? '#' : '.')).join(''));
        """;

    [Fact]
    public Task Masks_AreReadAndWrittenAsTheLibraryDoes()
    {
        var random = new Random(5);
        var cases = Enumerable.Range(0, 60).Select(round =>
        {
            int width = random.Next(1, 50), height = random.Next(1, 50);
            double share = round / 59.0;
            byte[] pixels = new byte[width * height];
            for (int i = 0; i < pixels.Length; i++)
                pixels[i] = (byte)(random.NextDouble() < share ? 1 : 0);
            var rle = Rle.Encode(BinaryMask.FromBytes(width, height, pixels));
            return new { width, height, pixels = pixels.Select(pixel => (int)pixel), counts = rle.ToCompressed() };
        });
        return RunAsync(
            $$"""
            const { decodeMask, encodeMask, drawable } = await load('rle');
            for (const { width, height, pixels, counts } of {{JsonSerializer.Serialize(cases)}}) {
              const bitmap = decodeMask({ size: [height, width], counts });
              for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) same(bitmap.data[x * height + y], pixels[y * width + x], `pixel ${x}, ${y}`);
              same(encodeMask(bitmap), { size: [height, width], counts }, 'written again');
              same(drawable({ size: [height, width], counts }).area, pixels.reduce((sum, bit) => sum + bit, 0), 'area');
            }
            for (const damaged of [{ size: [4, 4], counts: '5' }, { size: [4, 4], counts: 'PPP' }, { size: [4, 4], counts: [20] }, { size: [0, 4], counts: [] }, { size: [1e6, 1e6], counts: [1e12] }]) {
              let thrown = false;
              try { decodeMask(damaged); } catch { thrown = true; }
              same(thrown, true, JSON.stringify(damaged));
            }
            """);
    }

    [Fact]
    public Task Pixels_ArePaintedFilledAndMended() => RunAsync(
        """
        const { stroke, fillPolygon, fillHoles, dropIslands, addAll } = await load('pixels');
        const blank = () => bitmapOf(Array(7).fill('........'));
        const line = blank();
        stroke(line, { x: 1.5, y: 3.5 }, { x: 5.5, y: 3.5 }, 1, 1);
        same(rowsOf(line), ['........', '........', '.#####..', '#######.', '.#####..', '........', '........'], 'stroke');
        stroke(line, { x: 3.5, y: -50 }, { x: 3.5, y: 90 }, 0.5, 0);
        same(rowsOf(line)[3], '###.###.', 'erased, from outside to outside');
        const shape = blank();
        fillPolygon(shape, [{ x: 1, y: 1 }, { x: 6, y: 1 }, { x: 6, y: 5 }, { x: 1, y: 5 }]);
        same(rowsOf(shape), ['........', '.#####..', '.#####..', '.#####..', '.#####..', '........', '........'], 'polygon');
        const large = blank();
        fillPolygon(large, [{ x: -9, y: -9 }, { x: 99, y: -9 }, { x: 99, y: 99 }, { x: -9, y: 99 }]);
        same(large.data.every((bit) => bit === 1), true, 'a polygon larger than the picture');
        const ring = bitmapOf(['####..#', '#..#...', '#.##..#', '##.....', '.....#.']);
        same(fillHoles(ring), 3, 'filled');
        same(rowsOf(ring), ['####..#', '####...', '####..#', '##.....', '.....#.'], 'holes');
        same(dropIslands(ring), 3, 'dropped');
        same(rowsOf(ring), ['####...', '####...', '####...', '##.....', '.......'], 'islands');
        same([fillHoles(ring), dropIslands(ring), dropIslands(blank())], [0, 0, 0], 'nothing to mend');
        addAll(ring, bitmapOf(['......#', '.......', '.......', '.......', '.......']));
        same(rowsOf(ring)[0], '####..#', 'joined');
        """);

    [Fact]
    public Task Changes_AreShownBeforeTheyAreAnswered_AndKnownWhenTheyArrived() => RunAsync(
        """
        const { applied, asAdditions, forServer, hasArrived, namesGiven, renamed, temporaryId, isTemporary } = await load('changes');
        const object = (counts, classId = 1) => ({ classId, rle: { size: [2, 2], counts }, attributes: {}, made: 'click', score: null });
        const before = { objects: [{ id: 7, ...object('4') }], state: 'todo', comment: '' };
        const [first, second] = [temporaryId(), temporaryId()];
        same([first !== second, isTemporary(first), isTemporary(7)], [true, true, false], 'ids');
        const changes = [{ op: 'add', id: first, object: object('04') }, { op: 'add', id: second, object: object('13') }, { op: 'remove', id: 7 }, { op: 'state', state: 'done' }];
        const after = applied(before, changes);
        same([after.objects.map(({ id }) => id), after.state], [[first, second], 'done'], 'applied');
        same(before.objects.length, 1, 'what was stays');
        same(forServer(changes)[0].id, undefined, 'the server numbers objects');
        const answer = [{ id: 9, ...object('13') }, { id: 8, ...object('04') }];
        const names = namesGiven(before.objects, changes, answer);
        same([names.get(first), names.get(second)], [8, 9], 'names');
        same(renamed([{ op: 'update', id: first, object: { classId: 2 } }, { op: 'remove', id: 3 }], names).map(({ id }) => id), [8, 3], 'renamed');
        same([hasArrived([7], changes, answer, 'done'), hasArrived([7], changes, answer, 'todo'), hasArrived([7, 8], changes, answer, 'done'), hasArrived([7], changes, before.objects, 'done')], [true, false, false, false], 'arrived');
        same(asAdditions(changes, after.objects).map(({ object: { rle } }) => rle.counts), ['04', '13'], 'additions');
        """);

    [Fact]
    public Task Outbox_SendsInOrder_KeepsWhatFails_AndNeverSendsTwice() => RunAsync(
        """
        const { Outbox } = await load('outbox');
        const { ServiceError } = await import(new URL('scripts/service/errors.js', document.baseURI).href);
        const object = (counts) => ({ classId: 1, rle: { size: [2, 2], counts }, attributes: {}, made: 'click', score: null });
        // A server whose answers may get lost, and which may not answer at all.
        const server = { version: 0, objects: [], posts: [], isDown: true, isDeaf: false };
        const client = {
          tab: 'one',
          picture: async () => ({ version: server.version, objects: server.objects, state: 'todo' }),
          change: async (id, { baseVersion, changes }) => {
            if (server.isDown) throw ServiceError.unreachable();
            if (baseVersion !== server.version) throw new ServiceError('stale', { status: 409 });
            for (const change of changes) {
              if (change.op === 'add') server.objects = [...server.objects, { id: server.objects.length + 1, ...change.object }];
              else server.objects = server.objects.map((one) => (one.id === change.id ? { ...one, ...change.object } : one));
            }
            server.version++;
            server.posts.push(changes.map(({ op, id }) => `${op}${id ?? ''}`).join());
            if (server.isDeaf) { server.isDeaf = false; throw ServiceError.unreachable(); }
            return { version: server.version, objects: server.objects };
          },
        };
        const words = [];
        const on = { answered() {}, refused(entry, error) { throw error; }, conflict() { throw new Error('no conflict here'); }, state: (word) => words.push(word) };
        const entry = (changes) => ({ pictureId: 4, baseVersion: 0, before: [], how: 'click', seconds: 1, changes });
        const settle = async (outbox) => { try { await outbox.settled(); } catch { return false; } return true; };
        const closed = new Outbox(client, 'test', on);
        closed.add(entry([{ op: 'add', id: 'new-a', object: object('04') }]));
        closed.add(entry([{ op: 'update', id: 'new-a', object: { classId: 2 } }]));
        same([await settle(closed), words.at(-1)], [false, 'unsaved'], 'a server that is down');
        closed.entries = [];
        const outbox = new Outbox(client, 'test', on);
        same(outbox.of(4).length, 2, 'kept over a reload');
        Object.assign(server, { isDown: false, isDeaf: true });
        same(await settle(outbox), false, 'an answer that got lost');
        same(await settle(outbox), true, 'sent again');
        same(server.posts, ['add', 'update1'], 'each once, in order, under the numbers of the server');
        same([server.objects.length, server.objects[0].classId, words.at(-1)], [1, 2, 'saved'], 'on the server');
        same(new Outbox(client, 'test', on).isEmpty, true, 'nothing waits');
        """);

    private async Task RunAsync(string script)
    {
        await using Visitor visitor = await chromium.VisitAsync(service.Url);
        await visitor.Page.EvaluateAsync($"async () => {{ {Prelude}\n{script} }}");
    }
}
