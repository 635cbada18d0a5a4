/** Tells hand and ear what a scan came to, for eyes that look at a box: one short high tone, or two low ones. */
export class Feedback {
  #audio: AudioContext | null = null;

  /** `sound` off leaves the vibration. */
  good(sound: boolean): void {
    if ('vibrate' in navigator) navigator.vibrate(40);
    if (sound) this.#tone(1320, 0, 0.08);
  }
  bad(sound: boolean): void {
    if ('vibrate' in navigator) navigator.vibrate([120, 60, 120]);
    if (!sound) return;
    this.#tone(220, 0, 0.14);
    this.#tone(220, 0.2, 0.14);
  }
  close(): void {
    void this.#audio?.close();
    this.#audio = null;
  }

  #tone(hertz: number, after: number, seconds: number): void {
    if (typeof AudioContext === 'undefined') return;
    const audio = (this.#audio ??= new AudioContext());
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    const at = audio.currentTime + after;
    volume.gain.setValueAtTime(0.2, at);
    volume.gain.exponentialRampToValueAtTime(0.001, at + seconds);
    tone.frequency.value = hertz;
    tone.connect(volume).connect(audio.destination);
    tone.start(at);
    tone.stop(at + seconds);
  }
}
