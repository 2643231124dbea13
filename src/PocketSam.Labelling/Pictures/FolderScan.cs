using PocketSam.Labelling.Storage;

namespace PocketSam.Labelling.Pictures;

/// <summary>
/// Updates the list of pictures from the files in the folder. New files are added. A new file with the content of a
/// missing picture is that picture, moved. A picture without file is marked missing; a picture with objects whose
/// content differs is marked changed. No picture is removed from the list.
/// </summary>
internal sealed class FolderScan(PictureFolder folder, ProjectDatabase database)
{
    private const int Batch = 200;

    /// <summary>Scans once.</summary>
    /// <param name="changed">Called whenever the list has changed.</param>
    /// <param name="cancellation">Checked between files.</param>
    public async Task RunAsync(Action changed, CancellationToken cancellation)
    {
        IReadOnlyList<FoundPicture> files = folder.Find();
        List<StoredPicture> known = await database.ReadAsync(session => session.QueryAsync(
            $"SELECT {StoredPicture.Columns} FROM pictures", StoredPicture.Read));
        var byPath = known.ToDictionary(picture => picture.Path);
        var names = files.Select(file => file.Name).ToHashSet();
        List<StoredPicture> missing = [.. known.Where(picture => !names.Contains(picture.Path))];
        FoundPicture[] added = [.. files.Where(file => !byPath.ContainsKey(file.Name))];
        (added, missing) = await MoveAsync(added, missing, changed, cancellation);
        await MarkMissingAsync([.. missing.Where(picture => picture.Status != StoredPicture.Missing)], changed);
        await AddAsync(added, changed, cancellation);
        await CheckAsync([.. files.Where(file => byPath.TryGetValue(file.Name, out StoredPicture? picture)
            && (picture.Status == StoredPicture.Missing || picture.Bytes != file.Bytes || picture.Modified != file.Modified))
            .Select(file => (file, byPath[file.Name]))], changed, cancellation);
        await HashAsync(cancellation);
    }

    /// <summary>Matches new files with missing pictures of the same content.</summary>
    private async Task<(FoundPicture[] Added, List<StoredPicture> Missing)> MoveAsync(
        FoundPicture[] added, List<StoredPicture> missing, Action changed, CancellationToken cancellation)
    {
        if (missing.Count == 0)
            return (added, missing);
        ILookup<long, StoredPicture> bySize = missing.Where(picture => picture.Hash.Length > 0).ToLookup(picture => picture.Bytes);
        List<(StoredPicture Picture, FoundPicture File)> moved = [];
        foreach (FoundPicture file in added.Where(file => bySize.Contains(file.Bytes)))
        {
            cancellation.ThrowIfCancellationRequested();
            string? hash = await folder.HashOfAsync(file.Name, cancellation);
            if (bySize[file.Bytes].FirstOrDefault(picture => picture.Hash == hash && moved.All(move => move.Picture != picture)) is { } picture)
                moved.Add((picture, file));
        }

        if (moved.Count > 0)
        {
            await database.WriteAsync(async session =>
            {
                foreach ((StoredPicture picture, FoundPicture file) in moved)
                {
                    await session.ExecuteAsync(
                        """
                        UPDATE pictures SET path = @path, sort_key = @key, folded = @folded, modified = @modified,
                            status = CASE WHEN status = 'missing' THEN 'here' ELSE status END WHERE id = @id
                        """,
                        ("path", file.Name), ("key", NaturalOrder.KeyOf(file.Name)), ("folded", NaturalOrder.Fold(file.Name)),
                        ("modified", file.Modified), ("id", picture.Id));
                }
            });
            changed();
        }

        return ([.. added.Except(moved.Select(move => move.File))], [.. missing.Except(moved.Select(move => move.Picture))]);
    }

    private async Task MarkMissingAsync(StoredPicture[] gone, Action changed)
    {
        if (gone.Length == 0)
            return;
        await database.WriteAsync(async session =>
        {
            foreach (StoredPicture picture in gone)
                await session.ExecuteAsync("UPDATE pictures SET status = 'missing' WHERE id = @id", ("id", picture.Id));
        });
        changed();
    }

    private async Task AddAsync(FoundPicture[] added, Action changed, CancellationToken cancellation)
    {
        foreach (FoundPicture[] batch in added.OrderBy(file => NaturalOrder.KeyOf(file.Name), StringComparer.Ordinal).Chunk(Batch))
        {
            cancellation.ThrowIfCancellationRequested();
            (FoundPicture File, (int Width, int Height) Size)[] sized = [.. batch.Select(file => (file, folder.SizeOf(file.Name)))];
            await database.WriteAsync(async session =>
            {
                foreach ((FoundPicture file, (int width, int height)) in sized)
                {
                    await session.ExecuteAsync(
                        """
                        INSERT INTO pictures (path, sort_key, folded, hash, bytes, modified, width, height)
                        VALUES (@path, @key, @folded, '', @bytes, @modified, @width, @height) ON CONFLICT (path) DO NOTHING
                        """,
                        ("path", file.Name), ("key", NaturalOrder.KeyOf(file.Name)), ("folded", NaturalOrder.Fold(file.Name)),
                        ("bytes", file.Bytes), ("modified", file.Modified), ("width", (long)width), ("height", (long)height));
                }
            });
            changed();
        }
    }

    /// <summary>
    /// Checks files that are back or newly written. A picture with objects is marked changed if its content differs.
    /// </summary>
    private async Task CheckAsync((FoundPicture File, StoredPicture Picture)[] touched, Action changed, CancellationToken cancellation)
    {
        foreach ((FoundPicture file, StoredPicture picture) in touched)
        {
            cancellation.ThrowIfCancellationRequested();
            string? hash = await folder.HashOfAsync(file.Name, cancellation);
            if (hash is null)
                continue;
            bool isSame = hash == picture.Hash || picture.Hash.Length == 0;
            (int width, int height) = isSame && picture.Width > 0 ? (picture.Width, picture.Height) : folder.SizeOf(file.Name);
            await database.WriteAsync(async session =>
            {
                bool hasObjects = await session.NumberAsync("SELECT 1 FROM objects WHERE picture_id = @id LIMIT 1", ("id", picture.Id)) is not null;
                string status = !isSame && hasObjects ? StoredPicture.Changed
                    : picture.Status == StoredPicture.Missing ? StoredPicture.Here : picture.Status;
                await session.ExecuteAsync(
                    """
                    UPDATE pictures SET hash = @hash, bytes = @bytes, modified = @modified, width = @width, height = @height,
                        status = @status WHERE id = @id
                    """,
                    ("hash", hash), ("bytes", file.Bytes), ("modified", file.Modified), ("width", (long)width), ("height", (long)height),
                    ("status", status), ("id", picture.Id));
                if (!isSame)
                    await session.ExecuteAsync("DELETE FROM proposed WHERE picture_id = @id", ("id", picture.Id));
            });
            changed();
        }
    }

    /// <summary>Computes the hashes that are missing, which identify moved pictures.</summary>
    private async Task HashAsync(CancellationToken cancellation)
    {
        List<(long Id, string Path)> open = await database.ReadAsync(session => session.QueryAsync(
            "SELECT id, path FROM pictures WHERE hash = '' AND status <> 'missing' ORDER BY sort_key, path",
            row => (row.GetInt64(0), row.GetString(1))));
        foreach ((long Id, string Path)[] batch in open.Chunk(Batch / 10))
        {
            List<(long Id, string Hash)> found = [];
            foreach ((long id, string path) in batch)
            {
                cancellation.ThrowIfCancellationRequested();
                if (await folder.HashOfAsync(path, cancellation) is { } hash)
                    found.Add((id, hash));
            }

            if (found.Count == 0)
                continue;
            await database.WriteAsync(async session =>
            {
                foreach ((long id, string hash) in found)
                    await session.ExecuteAsync("UPDATE pictures SET hash = @hash WHERE id = @id AND hash = ''", ("hash", hash), ("id", id));
            });
        }
    }
}
