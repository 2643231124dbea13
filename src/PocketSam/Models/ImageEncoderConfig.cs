using System.Text.Json.Serialization;

namespace PocketSam;

/// <summary>
/// Architecture of an image encoder. The JSON property <c>type</c> names its kind; without it the encoder is a TinyViT.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = TypeProperty)]
[JsonDerivedType(typeof(TinyVitConfig), TinyVitType)]
[JsonDerivedType(typeof(VitConfig), "vit")]
[JsonDerivedType(typeof(DinoVisionTransformerConfig), "dinov2")]
public abstract record ImageEncoderConfig
{
    internal const string TypeProperty = "type";

    internal const string TinyVitType = "tiny_vit";

    /// <summary>
    /// Largest number of channels, far above every known model's; protects against the memory that a file may claim.
    /// </summary>
    internal const int MaxChannels = 4096;

    internal const int MaxDepth = 64;

    /// <summary>
    /// Whether the encoder has positions for one input size, <see cref="SamConfig.ImageSize"/>, and accepts no other.
    /// </summary>
    [JsonIgnore]
    public abstract bool FixedInputSize { get; }

    /// <summary>Input sizes are multiples of this number of pixels.</summary>
    [JsonIgnore]
    public virtual int InputMultiple => 64;

    /// <summary>
    /// Both sides of the picture in the input are rounded to multiples of this number of pixels, so that the encoder's
    /// patches contain only picture; 1 without rounding.
    /// </summary>
    [JsonIgnore]
    public virtual int SideMultiple => 1;

    /// <summary>
    /// Side of a patch in pixels, for an encoder that processes the picture at another size than
    /// <see cref="SamConfig.EmbeddingStride"/> pixels a patch; otherwise 0.
    /// </summary>
    [JsonIgnore]
    internal virtual int PatchSize => 0;

    /// <summary>
    /// Patterns of the encoder's keys, without <c>image_encoder.</c>, for each depth: the layers before the first block, then the
    /// blocks in order. Layers after the last block are not in it.
    /// </summary>
    [JsonIgnore]
    internal abstract IEnumerable<string[]> KeysByDepth { get; }

    /// <summary>Checks that the numbers are in range and consistent.</summary>
    /// <exception cref="ArgumentException">They are not; the message says which.</exception>
    internal abstract void Validate();
}
