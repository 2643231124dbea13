using System.Numerics;
using PocketSam.Training.Data.Scenes.Materials;
using PocketSam.Training.Data.Scenes.Shapes;

namespace PocketSam.Training.Data.Scenes.Things;

/// <summary>Things of several parts, realistic or imaginary.</summary>
internal static class ComposedThings
{
    public static void Tree(Draft draft)
    {
        float trunk = draft.Random.Uniform(0.06f, 0.16f);
        draft.Add(draft.Outline.Stroke([new(0, 0.95f), new(0, -0.2f)], trunk, 0.6f * trunk), draft.Palette.Earth());
        Outline crown = draft.Outline;
        int tiers = draft.Random.Chance(0.4f) ? draft.Random.Between(1, 4) : 0;
        for (int i = 0; i < tiers; i++)
        {
            float low = 0.6f - 1.2f * i / tiers, half = 0.9f - 0.6f * i / tiers;
            crown.Polygon(new(0, Math.Max(low - 1.1f, -1)), new(half, low), new(-half, low));
        }

        for (int i = tiers == 0 ? 9 : 0; i > 0; i--)
            crown.Ellipse(draft.Random.Uniform(-0.6f, 0.6f), draft.Random.Uniform(-0.7f, 0.05f), 0.4f, 0.3f);
        draft.Add(crown, draft.Palette.Foliage(), 0.9f);
    }

    public static void House(Draft draft)
    {
        float eaves = draft.Random.Uniform(-0.8f, -0.2f);
        int columns = draft.Random.Between(1, 5), rows = draft.Random.Between(1, 4);
        draft.Add(draft.Outline.Box(-0.85f, eaves, 0.85f, 1), bulge: 0);
        draft.Add(
            draft.Outline.Polygon(new(-1, eaves), new(draft.Random.Uniform(-0.7f, 0), -1), new(0.5f, -1), new(1, eaves)),
            draft.Palette.Earth());
        Color glass = draft.Palette.Sky();
        for (int i = 0; i < columns * rows; i++)
        {
            float x = -0.85f + 1.7f * (i % columns + 0.5f) / columns, y = eaves + (1 - eaves) * (i / columns + 0.5f) / rows;
            float halfWidth = 0.5f / columns, halfHeight = 0.3f * (1 - eaves) / rows;
            draft.Add(draft.Outline.Box(x - halfWidth, y - halfHeight, x + halfWidth, y + halfHeight), glass);
        }
    }

    public static void Car(Draft draft)
    {
        float front = draft.Random.Uniform(0.35f, 0.7f), back = draft.Random.Uniform(-0.95f, -0.6f);
        draft.Add(draft.Outline.Smooth(
            new(-0.98f, 0.6f), new(-0.95f, -0.05f), new(back, -0.15f), new(back + 0.2f, -0.9f), new(front - 0.3f, -0.9f),
            new(front, -0.15f), new(0.95f, 0.05f), new(0.98f, 0.6f)));
        draft.Add(
            draft.Outline.Polygon(
                new(back + 0.12f, -0.15f), new(back + 0.26f, -0.75f), new(front - 0.34f, -0.75f), new(front - 0.12f, -0.15f)),
            draft.Palette.Sky());
        foreach (float x in (ReadOnlySpan<float>)[-0.58f, 0.58f])
        {
            draft.Add(draft.Outline.Ellipse(x, 0.58f, 0.2f, 0.42f), Color.FromHsv(0, 0, 0.15f));
            draft.Add(draft.Outline.Ellipse(x, 0.58f, 0.1f, 0.21f), Color.FromHsv(0, 0, 0.7f));
        }
    }

    public static void Animal(Draft draft)
    {
        float back = draft.Random.Uniform(-0.2f, 0.1f), head = draft.Random.Uniform(-0.75f, -0.3f);
        float leg = draft.Random.Uniform(0.06f, 0.12f);
        foreach (float x in (ReadOnlySpan<float>)[-0.55f, -0.4f, 0.25f, 0.4f])
            draft.Add(draft.Outline.Stroke([new(x, 0.2f), new(x + 0.1f * draft.Random.Normal(), 0.97f)], leg, 0.6f * leg), 0.2f);
        draft.Add(draft.Outline.Ellipse(-0.05f, 0.5f * (back + 0.45f), 0.65f, 0.5f * (0.45f - back))
            .Stroke([new(0.4f, back + 0.25f), new(0.65f, head)], 0.2f, 0.12f)
            .Stroke([new(-0.6f, back + 0.2f), new(-0.92f, back + 0.5f)], 0.07f, 0.02f));
        draft.Add(draft.Outline.Ellipse(0.72f, head, 0.24f, 0.17f).Polygon(
            new(0.52f, head), new(0.55f, head - 0.25f), new(0.7f, head - 0.1f)));
        draft.Add(draft.Outline.Ellipse(0.76f, head - 0.04f, 0.03f, 0.03f), default(Color));
    }

    /// <summary>A bottle, a vase or a cup: a symmetric profile, with or without a handle and a label.</summary>
    public static void Vessel(Draft draft)
    {
        Span<Vector2> profile = stackalloc Vector2[10];
        for (int i = 0; i < 5; i++)
        {
            float radius = draft.Random.Uniform(i == 0 ? 0.25f : 0.45f, 0.75f), y = -0.95f + 1.9f * i / 4;
            (profile[i], profile[9 - i]) = (new Vector2(radius, y), new Vector2(-radius, y));
        }

        if (draft.Random.Chance(0.35f))
            draft.Add(draft.Outline.Ellipse(0.6f, 0, 0.4f, 0.5f).Ellipse(0.6f, 0, 0.28f, 0.36f, isHole: true));
        draft.Add(draft.Outline.Smooth(profile));
        if (draft.Random.Chance(0.5f))
            draft.Add(draft.Outline.Box(-0.4f, 0, 0.4f, 0.45f), draft.Palette.Next(), 0.7f);
    }

    /// <summary>An imaginary thing: a body with pairs of attachments behind it and markings on it.</summary>
    public static void Gadget(Draft draft)
    {
        int behind = draft.Random.Below(4), all = behind + 1 + draft.Random.Below(4);
        for (int i = 0; i < all; i++)
        {
            bool isBody = i == behind, isRound = draft.Random.Chance(0.6f);
            float size = isBody ? 0.65f : draft.Random.Uniform(0.1f, 0.3f), away = isBody ? 0 : i < behind ? 0.65f : 0.3f;
            float x = away * draft.Random.NextFloat(), y = away * draft.Random.Uniform(-1, 1);
            Outline outline = draft.Outline;
            foreach (float middle in (ReadOnlySpan<float>)[-x, x])
            {
                if (isRound)
                    outline.Ellipse(middle, y, size, size);
                else
                    outline.Box(middle - size, y - 0.8f * size, middle + size, y + 0.8f * size);
            }

            if (isBody)
                draft.Add(outline);
            else
                draft.Add(outline, draft.Palette.Next());
        }
    }
}
