using System.Text.Json.Serialization;

namespace PocketSam;

/// <summary>
/// Architecture numbers of an image encoder. As JSON it tells its kind by <c>type</c>; where that is absent it is a
/// TinyViT.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = TypeProperty)]
[JsonDerivedType(typeof(TinyVitConfig), TinyVitType)]
[JsonDerivedType(typeof(VitConfig), "vit")]
[JsonDerivedType(typeof(DinoVisionTransformerConfig), "dinov2")]
public abstract record ImageEncoderConfig
{
    internal const string TypeProperty = "type";

    internal const string TinyVitType = "tiny_vit";

    /// <summary>Far above every known model; what a file claims beyond it is not worth the memory.</summary>
    internal const int MaxChannels = 4096;

    internal const int MaxDepth = 64;

    /// <summary>
    /// Whether the encoder knows positions of one input size only, <see cref="SamConfig.ImageSize"/>, and takes no other.
    /// </summary>
    [JsonIgnore]
    public abstract bool FixedInputSize { get; }

    /// <summary>Input sizes are multiples of this number of pixels.</summary>
    [JsonIgnore]
    public virtual int InputMultiple => 64;

    /// <summary>
    /// Both sides of the picture in the input are rounded to multiples of this number of pixels, so that the encoder's
    /// patches are all picture; 1 where they are not rounded.
    /// </summary>
    [JsonIgnore]
    public virtual int SideMultiple => 1;

    /// <summary>
    /// Pixels along the side of a patch where the encoder looks at the picture at another size than the input's
    /// <see cref="SamConfig.EmbeddingStride"/> pixels a patch; 0 where it does not.
    /// </summary>
    [JsonIgnore]
    internal virtual int PatchSize => 0;

    /// <summary>Throws where numbers do not fit together.</summary>
    /// <exception cref="ArgumentException">Says which.</exception>
    internal abstract void Validate();
}
