namespace PocketSam.Cli.Sharding;

/// <summary>All parts of one run, with each share and each picture once.</summary>
/// <param name="Run">What the parts have in common.</param>
/// <param name="Items">The pictures in order, each with the folder of its part.</param>
/// <param name="Shares">The number of shares.</param>
internal sealed record PartSet(PartOf Run, IReadOnlyList<(string Folder, PartItem Item)> Items, int Shares)
{
    /// <summary>Pictures that failed.</summary>
    public IReadOnlyList<PartItem> Failed { get; } = [.. Items.Select(one => one.Item).Where(item => item.Error is not null)];

    /// <summary>Reads the parts in folders.</summary>
    /// <exception cref="IOException">There are no parts, or they are not all parts of one run, each complete and once;
    /// the message says which.</exception>
    public static PartSet Load(IEnumerable<string> folders)
    {
        var parts = new List<Part>();
        foreach (string folder in folders)
        {
            if (!Directory.Exists(folder))
                throw new IOException($"{folder}: there is no such folder");
            string[] files = Part.In(folder);
            if (files.Length == 0)
                throw new IOException($"{folder}: holds no part of a run with --shard");
            parts.AddRange(files.Select(Part.Read));
        }

        var byShare = new Dictionary<string, Part>();
        foreach (Part part in parts)
        {
            if (part.Run.DifferenceFrom(parts[0].Run) is { } difference)
                throw new IOException($"{part.Path}: is of another run than {parts[0].Path} ({difference})");
            if (!part.IsWhole)
                throw new IOException($"{part.Path}: share {part.Run.Share} is not finished; run it again, it goes on");
            if (!byShare.TryAdd(part.Run.Share, part))
                throw new IOException($"{part.Path}: share {part.Run.Share} is in {byShare[part.Run.Share].Path} already");
        }

        int shares = Share.Read(parts[0].Run.Share)!.Count, missing = shares - byShare.Count;
        if (missing > 0)
        {
            const int Named = 5;
            IEnumerable<string> first = Enumerable.Range(1, shares).Select(i => new Share(i, shares).ToString())
                .Where(share => !byShare.ContainsKey(share)).Take(Named);
            throw new IOException(
                $"{Path.GetDirectoryName(parts[0].Path)}: {missing} of {shares} shares are missing: {string.Join(", ", first)}"
                + (missing > Named ? " ..." : ""));
        }

        int pictures = parts.Sum(part => part.Items.Count);
        if (pictures != parts[0].Run.Pictures)
            throw new IOException($"{Path.GetDirectoryName(parts[0].Path)}: the shares hold {pictures} pictures, not {parts[0].Run.Pictures}");
        var places = new (string Folder, PartItem Item)?[pictures];
        foreach (Part part in parts)
        {
            foreach (PartItem item in part.Items)
            {
                if (item.Place < 0 || item.Place >= places.Length)
                    throw new IOException($"{part.Path}: {item.Name} is picture {item.Place} of {places.Length}");
                if (places[item.Place] is not null)
                    throw new IOException($"{part.Path}: {item.Name} is in another share too");
                places[item.Place] = (Path.GetDirectoryName(part.Path)!, item);
            }
        }

        // There are as many items as places, and none twice, so no place is empty.
        return new PartSet(parts[0].Run, [.. places.Select(place => place!.Value)], shares);
    }
}
