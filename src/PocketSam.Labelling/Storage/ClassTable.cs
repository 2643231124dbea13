using System.Globalization;
using PocketSam.Imaging;
using PocketSam.Labelling.Api;

namespace PocketSam.Labelling.Storage;

/// <summary>
/// The classes of a project. The row of a removed class is kept, because the history of pictures refers to it.
/// </summary>
internal static class ClassTable
{
    public const int MaxName = 200;
    private const int MaxClasses = 10_000;
    private const int Keys = 9;

    /// <summary>All classes, ordered by id.</summary>
    public static Task<List<ClassDocument>> AllAsync(DbSession session) => session.QueryAsync(
        """
        SELECT c.id, c.name, c.color, c.shortcut, (SELECT count(*) FROM objects o WHERE o.class_id = c.id)
        FROM classes c WHERE c.removed = 0 ORDER BY c.id
        """,
        row => new ClassDocument(row.GetInt64(0), row.GetString(1), row.GetString(2), row.IsDBNull(3) ? null : row.GetString(3), row.GetInt64(4)));

    /// <summary>A class by its id.</summary>
    /// <exception cref="LabelException">There is no such class.</exception>
    public static async Task<ClassDocument> GetAsync(DbSession session, long id)
        => (await AllAsync(session)).Find(known => known.Id == id) ?? throw LabelException.NoClass(id);

    /// <summary>Whether the class exists and is not removed.</summary>
    public static async Task<bool> IsThereAsync(DbSession session, long id)
        => await session.NumberAsync("SELECT 1 FROM classes WHERE id = @id AND removed = 0", ("id", id)) is not null;

    /// <summary>The class with a name, which is added if there is none.</summary>
    public static async Task<(long Id, bool IsNew)> EnsureAsync(DbSession session, string name)
    {
        long? id = await session.NumberAsync("SELECT id FROM classes WHERE name = @name AND removed = 0", ("name", name));
        return id is { } known ? (known, false) : (await AddAsync(session, new ClassRequest(name)), true);
    }

    /// <summary>Adds a class. Colour and key are chosen by its position if they are null.</summary>
    /// <exception cref="LabelException">The name is taken, a value is invalid, or there are too many
    /// classes.</exception>
    public static async Task<long> AddAsync(DbSession session, ClassRequest request)
    {
        string name = NameOf(request.Name ?? "");
        await RequireFreeAsync(session, name, id: 0);
        List<ClassDocument> known = await AllAsync(session);
        if (known.Count >= MaxClasses)
            throw LabelException.Invalid($"a project has at most {MaxClasses} classes");
        string color = request.Color is { } chosen ? ColorOf(chosen) : DefaultColor(known.Count);
        string? key = request.Key is { } wanted ? KeyOf(wanted) : Enumerable.Range(1, Keys)
            .Select(n => n.ToString(CultureInfo.InvariantCulture)).FirstOrDefault(n => known.All(other => other.Key != n));
        if (request.Key is not null)
            await FreeKeyAsync(session, key);
        return (await session.NumberAsync(
            "INSERT INTO classes (name, color, shortcut) VALUES (@name, @color, @key) RETURNING id",
            ("name", name), ("color", color), ("key", key)))!.Value;
    }

    /// <summary>
    /// Changes a class. An empty key removes its key; a key of another class is taken from that class.
    /// </summary>
    /// <exception cref="LabelException">There is no such class, the name is taken, or a value is invalid.</exception>
    public static async Task UpdateAsync(DbSession session, long id, ClassRequest request)
    {
        ClassDocument known = await GetAsync(session, id);
        string name = request.Name is { } wanted ? NameOf(wanted) : known.Name;
        await RequireFreeAsync(session, name, id);
        string color = request.Color is { } chosen ? ColorOf(chosen) : known.Color;
        string? key = request.Key is { } text ? KeyOf(text) : known.Key;
        if (key is not null && key != known.Key)
            await FreeKeyAsync(session, key);
        await session.ExecuteAsync(
            "UPDATE classes SET name = @name, color = @color, shortcut = @key WHERE id = @id",
            ("name", name), ("color", color), ("key", key), ("id", id));
    }

    /// <summary>Removes a class; its objects move to class <paramref name="other"/>.</summary>
    /// <returns>The ids of the pictures whose objects are changed.</returns>
    /// <exception cref="LabelException">There is no such class, or it has objects and no other class is
    /// given.</exception>
    public static async Task<IReadOnlyList<long>> RemoveAsync(DbSession session, long id, long? other)
    {
        ClassDocument known = await GetAsync(session, id);
        if (other == id)
            throw LabelException.Invalid("objects of a class that is removed cannot stay in it");
        if (other is { } target)
            await GetAsync(session, target);
        else if (known.Objects > 0)
        {
            throw new LabelException(
                409, "class_in_use", $"{known.Objects} objects are of the class '{known.Name}': name another one for them",
                json => json.WriteNumber("objects", known.Objects));
        }

        List<long> pictures = await session.QueryAsync(
            "SELECT DISTINCT picture_id FROM objects WHERE class_id = @id", row => row.GetInt64(0), ("id", id));
        await session.ExecuteAsync(
            "UPDATE pictures SET version = version + 1 WHERE id IN (SELECT picture_id FROM objects WHERE class_id = @id)", ("id", id));
        await session.ExecuteAsync("UPDATE objects SET class_id = @other WHERE class_id = @id", ("other", other ?? id), ("id", id));
        await session.ExecuteAsync("UPDATE proposals SET class_id = @other WHERE class_id = @id", ("other", other), ("id", id));
        await session.ExecuteAsync(
            "UPDATE classes SET removed = 1, shortcut = NULL, replaced_by = @other WHERE id = @id", ("other", other), ("id", id));
        return pictures;
    }

    /// <summary>
    /// The class of an object that is restored from the history: its own, or the one that replaced it. A class that was
    /// removed without replacement is the class with its name, or is restored itself.
    /// </summary>
    public static async Task<long> ResolveAsync(DbSession session, long id)
    {
        for (int step = 0; step < MaxClasses; step++)
        {
            (bool IsRemoved, long? Next, string Name)? found = (await session.QueryAsync(
                "SELECT removed, replaced_by, name FROM classes WHERE id = @id",
                row => (row.GetInt64(0) != 0, row.IsDBNull(1) ? (long?)null : row.GetInt64(1), row.GetString(2)), ("id", id)))
                .Select(row => ((bool, long?, string)?)row).FirstOrDefault();
            if (found is not { } known)
                throw LabelException.NoClass(id);
            if (!known.IsRemoved)
                return id;
            if (known.Next is { } next)
            {
                id = next;
                continue;
            }

            if (await session.NumberAsync("SELECT id FROM classes WHERE name = @name AND removed = 0", ("name", known.Name)) is { } same)
                return same;
            await session.ExecuteAsync("UPDATE classes SET removed = 0 WHERE id = @id", ("id", id));
            return id;
        }

        throw LabelException.NoClass(id);
    }

    private static async Task RequireFreeAsync(DbSession session, string name, long id)
    {
        if (await session.NumberAsync("SELECT id FROM classes WHERE name = @name AND removed = 0", ("name", name)) is { } other && other != id)
            throw new LabelException(409, "class_exists", $"there is a class '{name}' already");
    }

    private static Task<int> FreeKeyAsync(DbSession session, string? key)
        => session.ExecuteAsync("UPDATE classes SET shortcut = NULL WHERE shortcut = @key", ("key", key ?? ""));

    private static string NameOf(string name)
    {
        Words.Require(name, "a class's name", MaxName);
        string clean = Words.Clean(name, MaxName);
        return clean.Length > 0 ? clean : throw LabelException.Invalid("a class needs a name");
    }

    private static string? KeyOf(string key) => key switch
    {
        "" => null,
        [>= '1' and <= '9'] => key,
        _ => throw LabelException.Invalid($"key '{Words.Clean(key, 20)}': keys are 1 to 9"),
    };

    private static string ColorOf(string color)
        => color.Length == 7 && color[0] == '#' && color.AsSpan(1).IndexOfAnyExcept("0123456789abcdefABCDEF") < 0
            ? color.ToLowerInvariant() : throw LabelException.Invalid($"colour '{Words.Clean(color, 20)}': write #rrggbb");

    private static string DefaultColor(int place)
    {
        (byte red, byte green, byte blue) = Overlay.ColorOf(place);
        return $"#{red:x2}{green:x2}{blue:x2}";
    }
}
