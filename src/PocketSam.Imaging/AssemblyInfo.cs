using System.Runtime.CompilerServices;

// Everything passed to the native libraries is blittable; nothing is marshalled at run time.
[assembly: DisableRuntimeMarshalling]
